"""`python -m benchmarks.bookings`: slots and holds of a clinic with 50 staff, and rushes."""

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

from benchmarks.bookings.runner import BookingOptions, BookingRunner
from benchmarks.load.results import BenchmarkError
from benchmarks.server import start_benchmark_server

SECONDS, CLIENTS, RUSHES, LIMIT_SECONDS = 5, 16, 100, 400

console = Console(highlight=False)


def main() -> None:
    options = _parse_options()
    for number in (signal.SIGTERM, signal.SIGALRM):
        signal.signal(number, lambda *_: sys.exit("Stopped."))  # stops the server too
    signal.alarm(LIMIT_SECONDS + 8 * options.seconds)
    load = os.getloadavg()[0]
    with (
        tempfile.TemporaryDirectory(prefix="haat-bookings-") as folder,
        ProcessPoolExecutor(1, multiprocessing.get_context("spawn")) as executor,
        start_benchmark_server(Path(folder)) as server,
    ):
        measurement = uvloop.run(BookingRunner(server, executor, options, console).run())
    console.print(f"Load {load:.2f} before the run.")
    for name, figure, aim, met in measurement.rows():
        console.print(f"{name}: {figure} {aim}{'' if met else ', missed'}", soft_wrap=True)
    if problems := measurement.problems():
        raise BenchmarkError("\n".join(problems))


def _parse_options() -> BookingOptions:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.bookings", description=__doc__)
    parser.add_argument("--seconds", type=int, default=SECONDS, metavar="N", help="of each load")
    parser.add_argument("--clients", type=int, default=CLIENTS, metavar="N", help="of holds")
    parser.add_argument(
        "--rushes", type=int, default=RUSHES, metavar="N", help="of 200 clients on one slot"
    )
    given = parser.parse_args()
    if not 1 <= given.rushes <= 1_000:
        parser.error("--rushes must be between 1 and 1,000")
    return BookingOptions(given.seconds, given.clients, given.rushes)


if __name__ == "__main__":
    main()
