"""The source of a module as mutants are made of it: where its nodes stand, and what is left alone."""

from __future__ import annotations

import ast
import io
import re
import tokenize
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda)
PROSE = {"help", "description", "prog", "metavar"}  # of argparse: no server that serves shows them
WINDOWS = re.compile(r"#\s*Windows\b")


@dataclass(frozen=True)
class Edit:
    """A span of a source, in characters, and what stands in its place."""

    start: int
    end: int
    new: str


class Source:
    """A module's text and tree; spans are in characters of the text."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.tree = ast.parse(text)
        self.lines = text.splitlines(keepends=True)
        self._starts = [0]
        for line in self.lines:
            self._starts.append(self._starts[-1] + len(line))
        self.parents = {child: node for node in ast.walk(self.tree) for child in ast.iter_child_nodes(node)}

    def offset(self, line: int, column: int) -> int:
        """The character at a line and a column in bytes, as the tree has it."""
        text = self.lines[line - 1] if line <= len(self.lines) else ""
        return self._starts[line - 1] + len(text.encode()[:column].decode())

    def line_of(self, offset: int) -> int:
        """The line of a character."""
        return self.text.count("\n", 0, offset) + 1

    def span(self, node: ast.AST) -> tuple[int, int]:
        """Where a node begins and ends."""
        return self.offset(node.lineno, node.col_offset), self.offset(node.end_lineno, node.end_col_offset)

    def segment(self, node: ast.AST) -> str:
        """The text of a node."""
        start, end = self.span(node)
        return self.text[start:end]

    @cached_property
    def tokens(self) -> list[tuple[int, int, str]]:
        """The words and signs of the text: (start, end, text); no comments and no line ends."""
        kept = (tokenize.OP, tokenize.NAME)
        return [(self._starts[t.start[0] - 1] + t.start[1], self._starts[t.end[0] - 1] + t.end[1], t.string)
                for t in tokenize.generate_tokens(io.StringIO(self.text).readline) if t.type in kept]

    @cached_property
    def comments(self) -> dict[int, str]:
        """The comment of each line that has one."""
        return {t.start[0]: t.string for t in tokenize.generate_tokens(io.StringIO(self.text).readline)
                if t.type == tokenize.COMMENT}

    def between(self, start: int, end: int) -> list[tuple[int, int, str]]:
        """The words and signs between two places."""
        return [token for token in self.tokens if start <= token[0] and token[1] <= end]

    def above(self, node: ast.AST) -> Iterator[ast.AST]:
        """A node and all that it stands in, from the inside out."""
        while node is not None:
            yield node
            node = self.parents.get(node)

    def functions_of(self, line: int) -> set[str]:
        """The names of the functions that a line stands in."""
        return {node.name for node in ast.walk(self.tree)
                if isinstance(node, FUNCTIONS[:2]) and node.lineno <= line <= (node.end_lineno or line)}

    def place(self, node: ast.AST) -> ast.stmt | ast.ExceptHandler:
        """The innermost statement or except clause that a node stands in."""
        return next(one for one in self.above(node) if isinstance(one, ast.stmt | ast.ExceptHandler))

    def function(self, place: ast.AST) -> ast.AST | None:
        """The function that a statement is run by; None for one that runs at import."""
        return next((one for one in list(self.above(place))[1:] if isinstance(one, FUNCTIONS[:2])), None)

    def head(self, place: ast.AST) -> range:
        """The lines of a statement, without those of the body of a compound one."""
        first = min([place.lineno, *(decorator.lineno for decorator in getattr(place, "decorator_list", ()))])
        body = getattr(place, "body", None)
        last = max(place.lineno, body[0].lineno - 1) if body else place.end_lineno or place.lineno
        return range(first, last + 1)

    @cached_property
    def places(self) -> list[ast.AST]:
        """All statements and except clauses, a docstring and an ``__all__`` too."""
        return [node for node in ast.walk(self.tree) if isinstance(node, ast.stmt | ast.ExceptHandler)]

    def places_at(self, lines: range) -> list[ast.AST]:
        """The statements whose heads have one of some lines; where none has, the nearest one before them."""
        found = [node for node in self.places if (head := self.head(node)) and head[0] <= lines[-1] and lines[0] <= head[-1]]
        if found:
            return found
        before = [node for node in self.places if self.head(node)[-1] < lines[0]]
        return [max(before, key=lambda node: self.head(node)[-1])] if before else []

    @cached_property
    def alone(self) -> set[ast.AST]:
        """The nodes of which no mutants are made."""
        found: set[ast.AST] = set()
        for node in ast.walk(self.tree):
            if _is_left_alone(self, node):
                found.update(ast.walk(node))
        return found


def _is_left_alone(source: Source, node: ast.AST) -> bool:
    if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
        return True  # a docstring
    if isinstance(node, ast.Assign) and any(isinstance(t, ast.Name) and t.id == "__all__" for t in node.targets):
        return True
    if isinstance(node, ast.FunctionDef) and node.name == "__repr__":
        return True  # for whoever debugs; where a log shows one, that is the log's text
    if isinstance(node, ast.Compare) and isinstance(node.left, ast.Name) and node.left.id == "__name__":
        return True
    if isinstance(node, ast.keyword) and node.arg in {*PROSE, "level"}:
        return True  # no log line shows its level
    if isinstance(node, ast.Constant) and _is_level(source, node):
        return True
    if isinstance(node, ast.stmt | ast.ExceptHandler):
        return any(WINDOWS.match(source.comments.get(line, "")) for line in source.head(node))
    return False


def _is_level(source: Source, node: ast.Constant) -> bool:
    """Whether a number is the usual level of a log line."""
    parent = source.parents.get(node)
    if isinstance(parent, ast.arguments) and node in parent.defaults:
        return [*parent.posonlyargs, *parent.args][parent.defaults.index(node) - len(parent.defaults)].arg == "level"
    return False
