"""``python -m tests.upstream [MODULE ...]``: CherryPy's own tests against the bundled server."""

from __future__ import annotations

import argparse
import sys

from .fetch import SDIST, FetchError, fetch
from .running import MODULES, run_module
from .tables import DIFFERS, NOT_RUN
from .verdict import judge


def main(argv: list[str] | None = None) -> int:
    """Run modules, print what became of them, and return 1 where that is not what the tables say."""
    parser = argparse.ArgumentParser(
        prog="python -m tests.upstream",
        description=f"Run the tests of {SDIST} with `cherrypy` standing for enginebus. They are fetched from PyPI, once. "
                    "Fails where a test differs that tests/upstream/tables.py does not name, or where one passes that it names.")
    parser.add_argument("modules", nargs="*", metavar="MODULE", help=f"of {', '.join(MODULES)} (default: all)")
    parser.add_argument("--python", default=sys.executable, help="the Python that runs them (3.11 or newer; default: this one)")
    parser.add_argument("-v", "--verbose", action="store_true", help="print what a test that differs said, whole")
    options = parser.parse_args(argv)
    unknown = sorted(set(options.modules) - set(MODULES))
    if unknown:
        parser.error(f"no module {unknown[0]!r}; there are: {', '.join(MODULES)}")
    try:
        sdist, libraries = fetch()
    except FetchError as error:
        print(error, file=sys.stderr)
        return 2
    print(f"{'module':20}{'run':>6}{'passed':>8}{'differ':>8}{'not applicable':>16}")
    verdicts = []
    for module in options.modules or MODULES:
        verdict = judge(module, run_module(module, sdist, libraries, NOT_RUN, options.python))
        verdicts.append(verdict)
        print(f"{module:20}{verdict.run:6}{len(verdict.passed):8}{len(verdict.differ):8}{len(verdict.not_applicable):16}", flush=True)
    print(f"{'all':20}{sum(v.run for v in verdicts):6}{sum(len(v.passed) for v in verdicts):8}"
          f"{sum(len(v.differ) for v in verdicts):8}{sum(len(v.not_applicable) for v in verdicts):16}")
    for verdict in verdicts:
        for outcome in verdict.differ:
            if outcome.test in DIFFERS:
                print(f"\n{outcome.test} differs: {DIFFERS[outcome.test].reason}")
            if options.verbose:
                print(f"\n{outcome.test}:\n" + "\n".join("    " + line for line in outcome.text.splitlines()))
    for verdict in verdicts:
        for fault in verdict.faults:
            print(f"\n{fault}")
    return 1 if any(verdict.faults for verdict in verdicts) else 0



if __name__ == "__main__":
    sys.exit(main())
