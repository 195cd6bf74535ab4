"""`python -m benchmarks`: every figure in one run, on servers of its own."""

import argparse
import multiprocessing
import os
import signal
import sys
import tempfile
import time
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

from rich.console import Console

from benchmarks import checks, machine, report
from benchmarks.house import opened
from benchmarks.loads import Browse, Claim, HotClaim, Load, Redeem
from benchmarks.measure import Bench, Point
from core.settings import HOME

CLIENTS = (1, 16, 64)
LOADS: tuple[type[Load], ...] = (Browse, Claim, HotClaim, Redeem)
ENOUGH_SECONDS = 5
OTHER_SECONDS = 115  # for all that is not measured: four minutes together
LAST_SECONDS = 45  # to check and to stop in
PAGE = HOME / "docs/performance.md"

console = Console()


def main() -> None:
    options = _options()
    limit = OTHER_SECONDS + 2 * options.seconds * len(LOADS) * len(CLIENTS)
    for number in (signal.SIGTERM, signal.SIGALRM):
        signal.signal(number, lambda *_: sys.exit("Stopped."))  # and with it what was started
    signal.alarm(limit + LAST_SECONDS)
    end, idle_load = time.monotonic() + limit, os.getloadavg()[0]
    with (
        tempfile.TemporaryDirectory(prefix="haat-bench-") as folder,
        ProcessPoolExecutor(1, multiprocessing.get_context("spawn")) as executor,
    ):
        console.print("Starting PostgreSQL, Valkey, the demo town and the server ...")
        with opened(Path(folder)) as house:
            facts = machine.facts(house, options.seconds, idle_load)
            points = _measure(Bench(house, executor, options.seconds), end)
            verdict = checks.check(house.settings.sqlalchemy_url)
    for name, value in facts:
        console.print(f"[bold]{name}[/]  {value}", highlight=False)
    report.show(console, points)
    console.print(verdict, markup=False)
    page = options.output or (PAGE if options.seconds >= ENOUGH_SECONDS else None)
    if page:
        report.write(page, facts, points, verdict)
        console.print(f"Written to {page}")
    else:
        console.print(f"Under {ENOUGH_SECONDS} s a point nothing is written to {PAGE.name}.")


def _measure(bench: Bench, end: float) -> list[Point]:
    """All points; those that could not be measured say why."""
    points = []
    for load in (kind() for kind in LOADS):
        problem = bench.prepare(load)
        for clients in CLIENTS:
            if time.monotonic() > end:
                problem = "There was no more time."
            if problem:
                points.append(Point(load.title, clients, problems=[problem]))
                continue
            console.print(f"{load.title}, {clients} clients ...", highlight=False)
            points.append(bench.point(load, clients))
    return points


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument(
        "--seconds", type=int, default=5, metavar="N", help="for each side of each point (5)"
    )
    parser.add_argument(
        "--output", type=Path, metavar="FILE", help="a page with the markers to write to"
    )
    options = parser.parse_args()
    if not 1 <= options.seconds <= 60:
        parser.error("--seconds is from 1 to 60")
    return options


if __name__ == "__main__":
    try:
        main()
    except KeyboardInterrupt:
        sys.exit(130)
