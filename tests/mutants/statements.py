"""What is done to a statement: the second half of the table of operators."""

from __future__ import annotations

import ast

from .operators import ARITHMETIC, EXPRESSIONS, Edits, Operator, _sign, _whole
from .source import Edit, Source


def _deleted(source: Source, node: ast.stmt) -> Edits:
    """A call, a raise, a jump or an assignment to an attribute or an item is left out."""
    if isinstance(node, ast.Expr) and not isinstance(node.value, ast.Call):
        return
    if isinstance(node, ast.Return) and node.value is not None:
        return
    if isinstance(node, ast.Assign | ast.AugAssign):
        targets = node.targets if isinstance(node, ast.Assign) else [node.target]
        local = all(isinstance(target, ast.Name) for target in targets)
        if local and isinstance(node, ast.Assign) and not isinstance(source.parents[node], ast.ClassDef):
            return  # a name that nothing binds is an error of another kind: see "forgotten"
    yield _whole(source, node, "pass")


def _forgotten(source: Source, node: ast.Assign) -> Edits:
    """What a name is given is lost."""
    is_none = isinstance(node.value, ast.Constant) and node.value.value is None
    if source.function(node) and not is_none and all(isinstance(target, ast.Name) for target in node.targets):
        yield _whole(source, node.value, "None")


def _returned(source: Source, node: ast.Return) -> Edits:
    if node.value is not None and not isinstance(node.value, ast.Constant):
        yield _whole(source, node.value, "None")


def _test(source: Source, node: ast.If | ast.While) -> Edits:
    """A condition that always holds, or never; a loop that never ends would tell what one that never begins tells."""
    if isinstance(node.test, ast.Constant) or node.test in source.alone:
        return
    if isinstance(node, ast.If):
        yield _whole(source, node.test, "True")
    yield _whole(source, node.test, "False")


def _loop(source: Source, node: ast.For) -> Edits:
    yield _whole(source, node.iter, "()")
    yield _whole(source, node.iter, f"list({source.segment(node.iter)})[:1]")


def _handler(source: Source, node: ast.ExceptHandler) -> Edits:
    """An error is passed on; and of several kinds one is forgotten."""
    body = node.body
    if not (isinstance(body[0], ast.Raise) and body[0].exc is None):
        yield Edit(source.span(body[0])[0], source.span(body[-1])[1], "raise")
    if isinstance(node.type, ast.Tuple):
        kinds = [source.segment(kind) for kind in node.type.elts]
        for number in range(len(kinds)):
            left = kinds[:number] + kinds[number + 1:]
            yield _whole(source, node.type, f"({', '.join(left)},)")


def _with(source: Source, node: ast.With) -> Edits:
    """What a block holds, a lock for one, is not taken."""
    if len(node.items) == 1 and node.items[0].optional_vars is None:
        yield Edit(source.span(node)[0], source.span(node.items[0].context_expr)[1], "if True")


def _default(source: Source, node: ast.arguments) -> Edits:
    for value in [*node.defaults, *filter(None, node.kw_defaults)]:
        if not isinstance(value, ast.Constant):
            yield _whole(source, value, "None")


def _decorator(source: Source, node: ast.FunctionDef | ast.ClassDef) -> Edits:
    for decorator in node.decorator_list:
        start, end = source.span(decorator)
        yield Edit(source.text.rindex("@", 0, start), end, "")


def _in_place(source: Source, node: ast.AugAssign) -> Edits:
    if isinstance(node.value, ast.Constant) and isinstance(node.value.value, str | bytes):
        return
    old, new = ARITHMETIC[type(node.op)]
    yield from _sign(source, source.span(node.target)[1], source.span(node.value)[0], f"{old}=", f"{new}=")


STATEMENTS = (
    Operator("deleted", "a call, an assignment, a raise or a jump is left out",
             (ast.Expr, ast.Assign, ast.AugAssign, ast.Raise, ast.Return, ast.Continue, ast.Break, ast.Delete, ast.Assert),
             _deleted),
    Operator("forgotten", "a name is given None", (ast.Assign,), _forgotten),
    Operator("return", "None is returned", (ast.Return,), _returned),
    Operator("condition", "a condition always holds, or never", (ast.If, ast.While), _test),
    Operator("loop", "a loop has no rounds, or only the first", (ast.For,), _loop),
    Operator("except", "an error is passed on, or of several kinds one is forgotten", (ast.ExceptHandler,), _handler),
    Operator("with", "what a block holds is not taken", (ast.With,), _with),
    Operator("default", "an argument's default is None", (ast.arguments,), _default),
    Operator("decorator", "a decorator is forgotten", (ast.FunctionDef, ast.ClassDef), _decorator),
    Operator("in-place", "plus for minus in an assignment", (ast.AugAssign,), _in_place),
)

OPERATORS = (*EXPRESSIONS, *STATEMENTS)
