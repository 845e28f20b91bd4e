"""All mutants of a package: a table of operators applied to every node of every module, and a sample of them."""

from __future__ import annotations

import ast
import random
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from .source import Edit, Source
from .statements import OPERATORS


@dataclass(frozen=True)
class Mutant:
    """One change of one module; ``lines`` are those of the statements that it changes.

    ``says`` is in words what it breaks; of a generated one, what its operator does.
    """

    id: str
    module: str
    file: str
    line: int
    operator: str
    edit: Edit
    old: str
    lines: tuple[int, ...]
    says: str
    by_hand: bool = False
    must: tuple[str, ...] = field(default=())

    @property
    def new(self) -> str:
        """What stands in the place of the old text."""
        return self.edit.new

    def apply(self, text: str) -> str:
        """The module's text with the fault in it."""
        return text[:self.edit.start] + self.edit.new + text[self.edit.end:]


def module_name(file: str) -> str:
    """A file below the package as ids name it."""
    return file.removesuffix(".py").replace("/", ".")


def read(package: Path) -> dict[str, Source]:
    """The modules of a package, by their files."""
    return {file.relative_to(package).as_posix(): Source(file.read_text("utf-8")) for file in sorted(package.rglob("*.py"))}


def of_module(file: str, source: Source) -> Iterator[Mutant]:
    """The mutants of one module, in the order of its lines; of two that make the same text the first counts."""
    found = []
    for rank, operator in enumerate(OPERATORS):
        for node in ast.walk(source.tree):
            if isinstance(node, operator.nodes) and node not in source.alone:
                found += [(edit, rank, node) for edit in operator.edits(source, node)
                          if source.text[edit.start:edit.end] != edit.new]
    found.sort(key=lambda one: (source.line_of(one[0].start), one[1], one[0].start, one[0].end, one[0].new))
    counts: Counter[tuple[int, str]] = Counter()
    made: set[str] = set()
    for edit, rank, node in found:
        operator = OPERATORS[rank]
        text = source.text[:edit.start] + edit.new + source.text[edit.end:]
        if text in made:
            continue
        made.add(text)
        line = source.line_of(edit.start)
        counts[line, operator.name] += 1
        yield Mutant(f"{module_name(file)}:{line}:{operator.name}:{counts[line, operator.name]}", module_name(file), file, line,
                     operator.name, edit, source.text[edit.start:edit.end], _lines(source, node, edit), operator.says)


def _lines(source: Source, node: ast.AST, edit: Edit) -> tuple[int, ...]:
    """The lines that are run where a mutant is: those of its statement; of a body that is replaced, the body's first one."""
    if isinstance(node, ast.ExceptHandler) and edit.new == "raise":
        return tuple(source.head(node.body[0]))
    return tuple(source.head(source.place(node)))


def generate(sources: dict[str, Source]) -> list[Mutant]:
    """All mutants of a package."""
    return [mutant for file, source in sources.items() for mutant in of_module(file, source)]


def sample(mutants: Iterable[Mutant], number: int, seed: int) -> list[Mutant]:
    """So many of them that modules and operators have their share: every n-th of a list in their order, from a random place."""
    mutants = list(mutants)
    if number >= len(mutants):
        return mutants
    chance = random.Random(seed)
    shuffled = [(mutant.module, mutant.operator, chance.random(), place) for place, mutant in enumerate(mutants)]
    ordered = [place for _, _, _, place in sorted(shuffled)]
    step = len(ordered) / number
    start = chance.random() * step
    chosen = {ordered[int(start + turn * step)] for turn in range(number)}
    return [mutant for place, mutant in enumerate(mutants) if place in chosen]
