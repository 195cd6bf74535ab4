"""`python -m benchmarks.events`: tickets, seats, check-ins and followers of a sale queue.

Sales are compared with the least SQL that they take, by pgbench in the same run.
"""

import argparse
import multiprocessing
import os
import signal
import sys
import tempfile
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

import uvloop
from rich.console import Console

from benchmarks.events import report
from benchmarks.events.runner import EventOptions, EventRunner
from benchmarks.invariants import describe_invariants
from benchmarks.load.results import BenchmarkError
from benchmarks.server import start_benchmark_server
from core.settings import HOME

FOLLOWERS = 5_000
MIN_SECONDS_TO_WRITE = 5
LIMIT_SECONDS = 500

console = Console(highlight=False)


def main() -> None:
    options = _parse_options()
    for number in (signal.SIGTERM, signal.SIGALRM):
        signal.signal(number, lambda *_: sys.exit("Stopped."))  # stops the servers too
    signal.alarm(LIMIT_SECONDS + 8 * options.seconds)
    load = os.getloadavg()[0]
    with (
        tempfile.TemporaryDirectory(prefix="haat-events-") as folder,
        ProcessPoolExecutor(1, multiprocessing.get_context("spawn")) as executor,
        start_benchmark_server(Path(folder)) as server,
    ):
        measurement = uvloop.run(EventRunner(server, executor, options, console).run())
        invariants = describe_invariants(server.settings.sqlalchemy_url)
    console.print(f"Load {load:.2f} before the run.")
    report.show(console, measurement)
    console.print(invariants, markup=False)
    if problems := measurement.problems():
        raise BenchmarkError("\n".join(problems))
    if options.seconds >= MIN_SECONDS_TO_WRITE and options.followers >= FOLLOWERS:
        report.write(HOME / "docs/performance.md", measurement, load)


def _parse_options() -> EventOptions:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.events", description=__doc__)
    parser.add_argument(
        "--seconds", type=int, default=MIN_SECONDS_TO_WRITE, metavar="N", help="of each side"
    )
    parser.add_argument("--clients", type=int, default=16, metavar="N", help="connections")
    parser.add_argument(
        "--followers", type=int, default=FOLLOWERS, metavar="N", help="of the queue, 0 for none"
    )
    given = parser.parse_args()
    if not (1 <= given.seconds <= 30 and 1 <= given.clients <= 64):
        parser.error("--seconds must be between 1 and 30, --clients between 1 and 64")
    if not 0 <= given.followers <= FOLLOWERS:
        parser.error(f"--followers must be at most {FOLLOWERS}")
    return EventOptions(given.seconds, given.clients, given.followers)


if __name__ == "__main__":
    try:
        main()
    except KeyboardInterrupt:
        sys.exit(130)
    except BenchmarkError as error:
        sys.exit(str(error))
