"""Which scenarios can notice a mutant: those that reach its lines on the unmutated server, the likeliest and quickest first.

A line that runs when a module is imported is reached by all. What tells such a mutant are the scenarios that run what
uses the names that the line binds: the body of a function, the users of a constant; of the others, a few of the quickest.
"""

from __future__ import annotations

import ast
from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field

from .generate import Mutant
from .source import FUNCTIONS, Source

OTHERS = 15  # scenarios that are tried, beside those that use what an import binds
COMMON = 0.5  # a line that this part of the scenarios reaches says nothing of one of them; and all did it that cannot tell

Lines = dict[str, dict[int, frozenset[str]]]  # file -> line -> scenarios


@dataclass
class Ground:
    """The unmutated server on one Python: what each scenario reaches, and how long it takes.

    ``seconds`` has the scenarios that are green, and nothing else; ``blind`` are those of which not all is known: a server is
    killed, or they are not to be measured. ``steps`` and ``stops`` are the seconds of each step, and of the stop at the end.
    """

    lines: Lines
    seconds: dict[str, float]
    steps: dict[str, dict[int, float]] = field(default_factory=dict)
    stops: dict[str, float] = field(default_factory=dict)
    blind: frozenset[str] = frozenset()
    flaky: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Reached:
    """The scenarios that can notice a mutant: those that reach it, and ``others`` that are worth a try."""

    scenarios: frozenset[str]
    others: tuple[str, ...] = ()
    at_import: bool = False


class Reach:
    """Answers for one Python which scenarios reach a mutant, and in which order they are tried."""

    def __init__(self, sources: dict[str, Source], ground: Ground) -> None:
        self.sources = sources
        self.ground = ground
        self._all = frozenset(ground.seconds)
        self._kills: Counter[tuple[str, str]] = Counter()
        self._tries: Counter[str] = Counter()
        self._weight: dict[str, float] = defaultdict(float)
        self._share: dict[tuple[str, str, str], float] = defaultdict(float)
        self._special: dict[str, set[str]] = defaultdict(set)  # file -> scenarios that run more of it than most do
        self._functions = {file: _functions(source) for file, source in sources.items()}
        for file, lines in ground.lines.items():
            for line, scenarios in lines.items():
                function = self._functions.get(file, {}).get(line, "")
                if len(scenarios) <= COMMON * len(self._all):
                    self._special[file] |= scenarios
                for scenario in scenarios:
                    self._weight[scenario] += 1 / len(scenarios)
                    self._share[scenario, file, function] += 1 / len(scenarios)

    def of(self, mutant: Mutant, everything: bool = False) -> Reached:
        """The scenarios that can notice a mutant; with ``everything``, of a line of an import all."""
        source = self.sources[mutant.file]
        found: set[str] = set()
        at_import = False
        for place in source.places_at(range(mutant.lines[0], mutant.lines[-1] + 1)):
            if not set(source.head(place)) & set(mutant.lines) and len(mutant.lines) > 1:
                continue
            if source.function(place) is None:
                if self._at(mutant.file, source.head(place)):
                    at_import = True
                    found |= self._users(mutant.file, place, set())
            else:
                found |= self._at(mutant.file, source.head(place))
        others: set[str] = set()
        if at_import:
            quick = sorted(self._all - found, key=lambda name: self.ground.seconds[name])
            others = set(quick if everything or not found else quick[:OTHERS])
        if found and (at_import or len(found) > COMMON * len(self._all)):
            others |= self.ground.blind - found
        else:  # of what it did in this file something is known, and perhaps not all
            others |= (self.ground.blind & self._special[mutant.file]) - found
        return Reached(frozenset(found), tuple(sorted(others)), at_import)

    def _at(self, file: str, lines: Iterable[int]) -> set[str]:
        reached = self.ground.lines.get(file, {})
        return {scenario for line in lines for scenario in reached.get(line, ())} & self._all

    def _users(self, file: str, place: ast.AST, seen: set[ast.AST]) -> set[str]:
        """The scenarios that run what depends on a statement of an import."""
        if place in seen:
            return set()
        seen.add(place)
        source = self.sources[file]
        found: set[str] = set()
        if isinstance(place, ast.FunctionDef | ast.ClassDef):
            for inner in ast.walk(place):
                if isinstance(inner, ast.stmt) and inner is not place and source.function(inner) is not None:
                    found |= self._at(file, source.head(inner))
            return found
        names = _bound(place)
        for other, module in self.sources.items():
            for user in _uses(module, names):
                if module.function(user) is not None:
                    found |= self._at(other, module.head(user))
                elif user is not place:
                    found |= self._users(other, user, seen)
        return found

    def function_of(self, mutant: Mutant) -> str:
        """The function that a mutant is in."""
        return self._functions[mutant.file].get(mutant.lines[0], "")

    def order(self, mutant: Mutant, reached: Reached) -> list[str]:
        """All of them: first those that told such a mutant before, that look at little else, and that are quick."""
        function = self.function_of(mutant)

        def worth(scenario: str) -> float:
            share = self._share[scenario, mutant.file, function] / (self._weight[scenario] or 1.0)
            here = self._kills[scenario, f"{mutant.file} {function}"] + 0.3 * self._kills[scenario, mutant.file]
            chance = 0.02 + share + 0.5 * here / (1 + 0.2 * self._tries[scenario])
            return (chance if scenario in reached.scenarios else chance / 20) / (0.3 + self.ground.seconds[scenario])

        return sorted([*reached.scenarios, *reached.others], key=lambda name: (-worth(name), name))

    def learn(self, mutant: Mutant, tried: Iterable[str], killer: str) -> None:
        """Remember which scenario told a mutant."""
        self._tries.update(tried)  # a scenario that is played often, and seldom red, comes later
        if killer:
            self._kills[killer, f"{mutant.file} {self.function_of(mutant)}"] += 1
            self._kills[killer, mutant.file] += 1


def _functions(source: Source) -> dict[int, str]:
    """The function of each line; of a method with its class."""
    found: dict[int, str] = {}

    def walk(node: ast.AST, name: str) -> None:
        for child in ast.iter_child_nodes(node):
            inner = name
            if isinstance(child, (*FUNCTIONS[:2], ast.ClassDef)):
                inner = f"{name}.{child.name}"
                found.update(dict.fromkeys(range(child.lineno, (child.end_lineno or child.lineno) + 1), inner))
            walk(child, inner)

    walk(source.tree, "")
    return found


def _bound(place: ast.AST) -> set[str]:
    """The names that a statement binds, attributes too."""
    names: set[str] = set()
    for node in ast.walk(place):
        if isinstance(node, ast.Name | ast.Attribute) and isinstance(node.ctx, ast.Store):
            names.add(node.id if isinstance(node, ast.Name) else node.attr)
        elif isinstance(node, ast.alias):
            names.add((node.asname or node.name).split(".")[0])
        elif isinstance(node, ast.FunctionDef | ast.ClassDef):
            names.add(node.name)
    return names


def _uses(source: Source, names: set[str]) -> Iterable[ast.AST]:
    """The statements that look up one of some names."""
    found = {}
    for node in ast.walk(source.tree):
        if not isinstance(node, ast.Name | ast.Attribute) or (node.id if isinstance(node, ast.Name) else node.attr) not in names:
            continue
        if isinstance(node.ctx, ast.Load) or isinstance(source.parents[node], ast.AugAssign):
            found[source.place(node)] = None
    return found
