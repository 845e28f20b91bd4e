"""Long texts shortened so that two that differ never look the same."""

from __future__ import annotations

MOST = 200  # characters that are shown of a text
BEFORE = 60  # of them, those before the first difference


def apart(one: str, two: str, most: int = MOST) -> tuple[str, str]:
    """Two texts, shortened; if they differ, the place of the first difference is shown."""
    shown = short([one, two], most)
    return shown[one], shown[two]


def short(texts: list[str], most: int = MOST) -> dict[str, str]:
    """Each text, shortened to its beginning, unless another one begins in the same way."""
    found: dict[str, str] = {}
    _show(list(dict.fromkeys(texts)), 0, most, found)
    return found


def _show(texts: list[str], start: int, most: int, found: dict[str, str]) -> None:
    same: dict[str, list[str]] = {}
    for text in texts:
        same.setdefault(_window(text, start, most), []).append(text)
    for shown, alike in same.items():
        if len(alike) == 1:
            found[alike[0]] = shown
        else:  # they differ after what is shown: each round starts further on
            _show(alike, _common(alike) - min(BEFORE, most // 2), most, found)


def _window(text: str, start: int, most: int) -> str:
    before = f"[… {start} characters …]" if start else ""
    return f"{before}{text[start : start + most]}{'…' if start + most < len(text) else ''}"


def _common(texts: list[str]) -> int:
    """The length of the common beginning of all texts, which is that of the first and the last in order."""
    first, last = min(texts), max(texts)
    return next((place for place, (a, b) in enumerate(zip(first, last, strict=False)) if a != b), len(first))
