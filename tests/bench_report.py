"""A matrix of many cells: ``python -m tests.bench_report [SCENARIOS] [TARGETS]``: how long it takes to build, open and filter.

The ratio is to what json.loads takes for the same results in the same run, both in processor time: machines differ, and
are busy. The longest task of the page's
main thread is Chromium's own figure (Long Tasks API); under 200 ms nobody notices it.
"""

from __future__ import annotations

import json
import sys
import tempfile
import time
from pathlib import Path

from playwright.sync_api import sync_playwright

from harness.model.stored_json import to_json
from harness.model.values import Cell, CellResult, Interpreter, Plan, Target, Verdict
from harness.report import build
from harness.report.view import RunView
from harness.run.run_folder import Run

from .browser.conftest import FLAGS, chromium

WORDS = ("pass",) * 12 + ("known", "fail", "timeout", "pass")
WATCH = """
window.longest = 0;
new PerformanceObserver((list) => {
  for (const entry of list.getEntries()) window.longest = Math.max(window.longest, entry.duration);
}).observe({type: "longtask", buffered: true});
"""


def synthetic(folder: Path, scenarios: int, targets: int) -> Run:
    """A run as the harness writes it, with a result and no history for each cell."""
    run = Run(folder / "data" / "synthetic")
    pythons = [f"3.{minor}" for minor in range(6, 16)]
    columns = tuple(
        Target(f"server{n // 10}@{pythons[n % 10]}", f"server{n // 10}", pythons[n % 10], "1.0",
               Interpreter(pythons[n % 10], "cpython", f"{pythons[n % 10]}.0", "gil", "/p")) for n in range(targets))
    rows = [{"id": f"family{n // 50}.scenario-{n}", "title": f"Scenario {n} does what it should", "why": "", "file": "f.toml",
             "family": f"family{n // 50}", "paper": [], "shows": "", "issues": [], "sources": [], "grade": "must", "needs": [],
             "hash": "0", "channel": "own", "steps": [], "known": [], "differs": ""} for n in range(scenarios)]
    cells = tuple(Cell(f"{row['id']}@{target.id}", str(row["id"]), target.id) for row in rows for target in columns)
    environment = {"started": "now"}
    run.write_plan(Plan("synthetic", columns, cells, (), (), environment, coverage=False))
    run.write_scenarios(rows)
    with (run.folder / "lines.main.jsonl").open("w", encoding="ascii") as lines:
        for number, cell in enumerate(cells):
            word = WORDS[(number * 7919) % len(WORDS)]
            result = CellResult(cell.id, "ran", "" if word == "pass" else "step 3: status: expected 200, observed 500",
                                Verdict(word), Verdict("pass"), 0.5)
            lines.write(json.dumps(to_json(result)) + "\n")
    return run


def main(scenarios: int = 1000, targets: int = 100) -> int:
    """Build, open, filter and scroll; print the figures."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        run = synthetic(folder, scenarios, targets)
        began = time.process_time()
        for file in (run.folder / "plan.json", run.folder / "scenarios.json"):
            json.loads(file.read_text("utf-8"))
        for line in (run.folder / "lines.main.jsonl").read_text("ascii").splitlines():
            json.loads(line)
        loads = time.process_time() - began
        began = time.process_time()
        index = build.build(RunView.load(run, folder, [], Path.cwd()))
        built = time.process_time() - began
        print(f"{scenarios * targets} cells: built in {built:.1f} s, {built / loads:.1f} times json.loads ({loads:.1f} s); "
              f"{index.stat().st_size / 1e6:.1f} MB")
        with sync_playwright() as playwright:
            browser = playwright.chromium.launch(executable_path=chromium(), args=FLAGS)
            page = browser.new_page(viewport={"width": 1280, "height": 900})
            page.add_init_script(WATCH)
            began = time.perf_counter()
            page.goto(index.as_uri())
            page.wait_for_selector(".verdict")
            page.wait_for_selector(".glance td a")
            print(f"overview usable after {time.perf_counter() - began:.2f} s; longest task {page.evaluate('window.longest'):.0f} ms")
            page.evaluate("window.longest = 0")
            began = time.perf_counter()
            page.click("nav a[href='#matrix']")
            page.wait_for_selector(".matrix td a")
            print(f"matrix shown after {time.perf_counter() - began:.2f} s; longest task {page.evaluate('window.longest'):.0f} ms")
            scroll = "document.querySelector('[aria-label=Matrix]').scrollTop += 5000"
            for what, act in (("scrolled", lambda: page.evaluate(scroll)),
                              ("every Python a column", lambda: page.evaluate("location.hash = '#matrix?open=*'")),
                              ("filtered by outcome", lambda: page.click("button.fail")),
                              ("found by words", lambda: page.fill("#search", "scenario-77"))):
                page.evaluate("window.longest = 0")
                began = time.perf_counter()
                act()
                page.wait_for_timeout(1000)
                print(f"{what}: longest task {page.evaluate('window.longest'):.0f} ms")
            browser.close()
    return 0


if __name__ == "__main__":
    sys.exit(main(*(int(word) for word in sys.argv[1:3])))
