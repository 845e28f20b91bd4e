"""What is done to an expression: a table of operators, each with what it says and how it edits a node."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator
from typing import NamedTuple

from .source import Edit, Source

Edits = Iterator[Edit]


class Operator(NamedTuple):
    """One kind of fault: its name in ids, what it is in words, the nodes that it looks at, and what it makes of one."""

    name: str
    says: str
    nodes: tuple[type[ast.AST], ...]
    edits: Callable[[Source, ast.AST], Edits]


#: What a comparison becomes: the bound moved by one, and the contrary.
COMPARED = {
    ast.Eq: ("!=",), ast.NotEq: ("==",), ast.Lt: ("<=", ">="), ast.LtE: ("<", ">"), ast.Gt: (">=", "<="),
    ast.GtE: (">", "<"), ast.Is: ("is not",), ast.IsNot: ("is",), ast.In: ("not in",), ast.NotIn: ("in",),
}
REPRESENTED = {
    ast.Eq: "==", ast.NotEq: "!=", ast.Lt: "<", ast.LtE: "<=", ast.Gt: ">", ast.GtE: ">=", ast.Is: "is", ast.IsNot: "is not",
    ast.In: "in", ast.NotIn: "not in",
}
ARITHMETIC = {
    ast.Add: ("+", "-"), ast.Sub: ("-", "+"), ast.Mult: ("*", "//"), ast.Div: ("/", "*"), ast.FloorDiv: ("//", "*"),
    ast.Mod: ("%", "*"), ast.Pow: ("**", "*"), ast.BitAnd: ("&", "|"), ast.BitOr: ("|", "&"), ast.BitXor: ("^", "&"),
    ast.LShift: ("<<", ">>"), ast.RShift: (">>", "<<"),
}
#: Methods that are taken for another, or left out ("").
METHODS = {
    "lower": "upper", "upper": "lower", "title": "", "strip": "", "lstrip": "", "rstrip": "", "startswith": "endswith",
    "endswith": "startswith", "find": "rfind", "rfind": "find", "partition": "rpartition", "rpartition": "partition",
    "split": "rsplit", "rsplit": "split", "keys": "values", "copy": "",
}
CALLS = {"any": "all", "all": "any", "min": "max", "max": "min", "sorted": "list", "reversed": "list"}


def _whole(source: Source, node: ast.AST, new: str) -> Edit:
    start, end = source.span(node)
    return Edit(start, end, new)


def _sign(source: Source, start: int, end: int, old: str, new: str) -> Edits:
    """Replace a sign, or two words, that stand between two places."""
    words = old.split()
    tokens = source.between(start, end)
    for number in range(len(tokens) - len(words) + 1):
        if [text for _, _, text in tokens[number:number + len(words)]] == words:
            yield Edit(tokens[number][0], tokens[number + len(words) - 1][1], new)
            return


def _compare(source: Source, node: ast.Compare) -> Edits:
    for left, sign, right in zip([node.left, *node.comparators], node.ops, node.comparators, strict=False):
        for new in COMPARED[type(sign)]:
            yield from _sign(source, source.span(left)[1], source.span(right)[0], REPRESENTED[type(sign)], new)


def _boolean(source: Source, node: ast.BoolOp) -> Edits:
    """``and`` for ``or``; and each operand forgotten."""
    joined = " or " if isinstance(node.op, ast.And) else " and "
    same = " and " if isinstance(node.op, ast.And) else " or "
    texts = [f"({source.segment(value)})" for value in node.values]
    yield _whole(source, node, f"({joined.join(texts)})")
    for number in range(len(texts)):
        yield _whole(source, node, f"({same.join(texts[:number] + texts[number + 1:])})")


def _not(source: Source, node: ast.UnaryOp) -> Edits:
    if isinstance(node.op, ast.Not):
        yield _whole(source, node, f"({source.segment(node.operand)})")


def _negative(source: Source, node: ast.UnaryOp) -> Edits:
    if isinstance(node.op, ast.USub):
        yield _whole(source, node, f"({source.segment(node.operand)})")


def _number(source: Source, node: ast.Constant) -> Edits:
    if type(node.value) is int:
        yield _whole(source, node, str(node.value + 1))
        yield _whole(source, node, str(node.value - 1) if node.value else "(-1)")
    elif type(node.value) is float:
        yield _whole(source, node, repr(node.value + 1))
        yield _whole(source, node, repr(node.value / 4))


def _string(source: Source, node: ast.Constant) -> Edits:
    """A text with something before it, and no text; one that is filled in by % keeps its places."""
    if not isinstance(node.value, str | bytes):
        return
    empty = 'b""' if isinstance(node.value, bytes) else '""'
    yield _whole(source, node, f"{empty[:-1]}XX\" {source.segment(node)}".strip() if node.value else f"{empty[:-1]}XX\"")
    parent = source.parents.get(node)
    if node.value and not (isinstance(parent, ast.BinOp) and isinstance(parent.op, ast.Mod) and parent.left is node):
        yield _whole(source, node, empty)


def _constant(source: Source, node: ast.Constant) -> Edits:
    parent = source.parents.get(node)
    if node.value is True or node.value is False:
        yield _whole(source, node, str(not node.value))
    elif node.value is None and not isinstance(parent, ast.Compare | ast.Return):
        yield _whole(source, node, "0")


def _arithmetic(source: Source, node: ast.BinOp) -> Edits:
    if any(isinstance(one, ast.Constant) and isinstance(one.value, str | bytes) for one in (node.left, node.right)):
        return  # texts are joined and filled in: what they say is changed by another operator
    old, new = ARITHMETIC[type(node.op)]
    yield from _sign(source, source.span(node.left)[1], source.span(node.right)[0], old, new)


def _condition(source: Source, node: ast.IfExp) -> Edits:
    for value in ("True", "False"):
        yield _whole(source, node.test, value)


def _comprehension(source: Source, node: ast.comprehension) -> Edits:
    for test in node.ifs:
        yield _whole(source, test, "True")
    yield _whole(source, node.iter, "()")


def _call(source: Source, node: ast.Call) -> Edits:
    """Another function or method of the same shape, or none."""
    if isinstance(node.func, ast.Name) and node.func.id in CALLS and not (node.keywords and CALLS[node.func.id] == "list"):
        yield _whole(source, node.func, CALLS[node.func.id])
    if isinstance(node.func, ast.Attribute) and node.func.attr in METHODS:
        new, value = METHODS[node.func.attr], source.segment(node.func.value)
        if new in ("split", "rsplit") and len(node.args) < 2 and not node.keywords:
            return  # without a most, both take every separator
        if new:
            end = source.span(node.func)[1]
            yield Edit(end - len(node.func.attr), end, new)
        elif not isinstance(source.parents.get(node), ast.Expr):
            yield _whole(source, node, f"({value})")


def _argument(source: Source, node: ast.Call) -> Edits:
    """A keyword argument is forgotten."""
    given = sorted([*node.args, *node.keywords], key=source.span)
    for number, one in enumerate(given):
        if not isinstance(one, ast.keyword) or one.arg is None or one in source.alone:
            continue
        start, end = source.span(one)
        if number + 1 < len(given):
            end = source.span(given[number + 1])[0]
        elif number:
            start = [place for place, _, text in source.between(0, start) if text == ","][-1]
        yield Edit(start, end, "")


def _slice(source: Source, node: ast.Slice) -> Edits:
    for bound in (node.lower, node.upper):
        if bound is not None:
            yield _whole(source, bound, "")


#: In the order in which a line's mutants are numbered.
EXPRESSIONS = (
    Operator("compare", "a comparison is moved by one, or is its contrary", (ast.Compare,), _compare),
    Operator("boolean", "and for or, or an operand forgotten", (ast.BoolOp,), _boolean),
    Operator("not", "a not is forgotten", (ast.UnaryOp,), _not),
    Operator("negative", "a minus is forgotten", (ast.UnaryOp,), _negative),
    Operator("number", "a number is one more or less (a fraction: one more, or a quarter)", (ast.Constant,), _number),
    Operator("string", "a text begins with XX, or is empty", (ast.Constant,), _string),
    Operator("constant", "True for False, False for True, 0 for None", (ast.Constant,), _constant),
    Operator("arithmetic", "plus for minus, and so on", (ast.BinOp,), _arithmetic),
    Operator("choice", "a conditional expression takes one side always", (ast.IfExp,), _condition),
    Operator("comprehension", "a comprehension takes all, or nothing", (ast.comprehension,), _comprehension),
    Operator("call", "another function of the same shape, or none", (ast.Call,), _call),
    Operator("argument", "a keyword argument is forgotten", (ast.Call,), _argument),
    Operator("slice", "a slice has one bound less", (ast.Slice,), _slice),
)
