"""A check's answers side by side: servers with the same answer are one group, as in http-garden's grid."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ..language.scenario import LEVELS
from ..model.values import CellResult, Json
from ..verdict.wording import in_words
from .conformance import FAILED, KNOWN, LOST, PASSED, RECORDED, Checks, Said, ranges

Clean = Callable[[str], str]

RIGHT, WRONG = "right", "wrong"
#: What a state says of an answer.
JUDGED = {PASSED: RIGHT, FAILED: WRONG, KNOWN: WRONG, RECORDED: RECORDED, LOST: LOST}
WORDS = {RIGHT: ("✓", "pass"), WRONG: ("✗", "fail"), RECORDED: ("◦", "recorded"), LOST: ("○", "missing")}
NOT_STORED = "the answer is not stored in this run"
MOST_SENT = 4000  # characters of what was sent


def told(one: Said) -> str:
    """A cell's answer; where the cleanup decided, or there is none, what is said instead."""
    result = one.result
    if one.state == LOST:
        return f"{result.word}: {result.reason}"
    text = result.answer or (result.reason if one.state in (FAILED, KNOWN) else NOT_STORED)
    left = _left_behind(result)
    return f"{text}; afterwards: {left}" if left else text


def _left_behind(result: CellResult) -> str:
    """What was wrong after an answer that was right by itself: a traceback, a process, a different end."""
    good = result.behaviour is not None and result.behaviour.outcome in ("pass", "recorded", "fixed")
    return (
        result.cleanup.reason if good and result.cleanup is not None and result.cleanup.outcome not in ("pass", "fixed") else ""
    )


def groups(checks: Checks, check: Json, clean: Clean) -> list[Json]:
    """The answers to a check, that of the most servers first; each with its servers, and their Pythons as ranges."""
    found: dict[tuple[str, str], dict[str, list[Said]]] = {}
    for server, cells in checks.cells[check["id"]].items():
        for one in cells:
            found.setdefault((clean(told(one)), JUDGED[one.state]), {}).setdefault(server, []).append(one)
    ordered = sorted(found.items(), key=lambda item: (item[0][1] == LOST, -len(item[1]), -sum(map(len, item[1].values()))))
    return [
        {
            "answer": answer,
            "judged": judged,
            "level": min((one.level for cells in servers.values() for one in cells), key=LEVELS.index),
            "servers": [server_cells(checks, server, cells) for server, cells in servers.items()],
        }
        for (answer, judged), servers in ordered
    ]


def server_cells(checks: Checks, server: str, cells: list[Said]) -> Json:
    """Some cells of one server: their Pythons as ranges, and each with its link."""
    return {
        "server": server,
        "pythons": ranges([one.python for one in cells], checks.pythons(server)),
        "known": sum(one.state == KNOWN for one in cells),
        "cells": [{"python": one.python, "word": one.result.word, "id": one.result.cell} for one in cells],
    }


def right_answers(check: Json) -> list[str]:
    """What a check's last steps expect, in words: alternatives are lines of their own."""
    lines = []
    for step in check["steps"]:
        if step["act"] == "start":
            continue
        expect = in_words(step["expect"])
        for one in step.get("either", []):
            name = f"{one['as']}: " if "as" in one else ""
            told_one = name + in_words({key: value for key, value in one.items() if key != "as"})
            lines.append(f"{told_one}, {expect}" if expect else told_one)
        if expect and not step.get("either"):
            lines.append(expect)
    return lines


def sent(check: Json) -> list[Json]:
    """What a check does, step by step, without the start: the act, and what is sent, in readable characters."""
    return [
        {"act": step["act"], "text": _sent(step["act"], step["args"]), "note": step["note"]}
        for step in check["steps"]
        if step["act"] != "start"
    ]


def _sent(act: str, args: Json) -> str:
    if act == "raw":
        pieces = args["send"] if isinstance(args["send"], list) else [args["send"]]
        text = "".join(_piece(piece) for piece in pieces)
    elif act == "request":
        body = args.get("form") or args.get("body")
        method = args.get("method", "POST" if body else "GET")
        lines = [f"{method} {args['path']}", *(f"{name}: {value}" for name, value in args.get("headers", {}).items())]
        text = "\n".join(visible(line) for line in lines) + (f"\n\n{visible(body)}" if body else "")
    else:
        text = ", ".join(f"{key} {value}" for key, value in args.items())
    return text if len(text) <= MOST_SENT else f"{text[:MOST_SENT]}… ({len(text)} characters)"


def _piece(piece: Any) -> str:
    if isinstance(piece, str):
        return visible(piece)
    if "text" in piece:
        return f"[{piece.get('times', 1)} times {visible(piece['text'])}]"
    return "".join(f"[{key} {value}]" if value is not True else f"[{key}]" for key, value in piece.items()) + "\n"


def visible(text: str) -> str:
    """Bytes as text: line ends and whatever is not printable as escapes, with a new line after each line end."""
    out = []
    for character in text:
        if character in "\r\n\t\\" or not (" " <= character <= "~"):
            out.append(character.encode("unicode_escape").decode("ascii"))
        else:
            out.append(character)
        if character == "\n":
            out.append("\n")
    return "".join(out)
