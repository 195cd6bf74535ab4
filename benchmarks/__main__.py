"""`python -m benchmarks`: measure all workloads in one run, on embedded servers."""

import argparse
import multiprocessing
import os
import signal
import sys
import tempfile
import time
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

from rich.console import Console

from benchmarks import report
from benchmarks.environment import describe_environment
from benchmarks.invariants import describe_invariants
from benchmarks.runner import BenchmarkRunner, Measurement
from benchmarks.server import start_benchmark_server
from benchmarks.workloads import (
    ClaimHotOffer,
    ClaimOffers,
    ListOffers,
    PlaceHotOrders,
    PlaceOrders,
    RedeemVouchers,
    SearchOffers,
    SuggestNames,
    Workload,
)
from core.settings import HOME

CLIENTS = (1, 16, 64)
WORKLOADS: tuple[type[Workload], ...] = (
    ListOffers,
    ClaimOffers,
    ClaimHotOffer,
    RedeemVouchers,
    PlaceOrders,
    PlaceHotOrders,
)
AMONG_MANY: tuple[type[Workload], ...] = (
    ListOffers,
    SearchOffers,
    SuggestNames,
    ClaimOffers,
    RedeemVouchers,
)
MIN_SECONDS_TO_WRITE = 5
SETUP_SECONDS = 175  # for everything except the measurements: 6 minutes in total
OFFERS_PER_SECOND = 1_500  # that are seeded on a busy machine
SHUTDOWN_SECONDS = 45  # for the invariants and for stopping the servers
PAGE = HOME / "docs/performance.md"

console = Console()


def main() -> None:
    options = _parse_options()
    workloads, section = (AMONG_MANY, "offers") if options.offers else (WORKLOADS, "figures")
    limit = SETUP_SECONDS + options.offers // OFFERS_PER_SECOND
    limit += 2 * options.seconds * len(workloads) * len(CLIENTS)
    for number in (signal.SIGTERM, signal.SIGALRM):
        # sys.exit() unwinds the context managers, which stop the started servers.
        signal.signal(number, lambda *_: sys.exit("Stopped."))
    signal.alarm(limit + SHUTDOWN_SECONDS)
    end, idle_load = time.monotonic() + limit, os.getloadavg()[0]
    with (
        tempfile.TemporaryDirectory(prefix="haat-bench-") as folder,
        ProcessPoolExecutor(1, multiprocessing.get_context("spawn")) as executor,
    ):
        console.print("Starting PostgreSQL, Valkey and the server with the demo data ...")
        with start_benchmark_server(Path(folder), options.offers) as server:
            environment = describe_environment(server, options.seconds, idle_load)
            if options.offers:
                environment.append(("Offers", f"{options.offers:,} beside the demo data"))
            runner = BenchmarkRunner(server, executor, options.seconds)
            measurements = _measure(runner, workloads, end)
            invariants = describe_invariants(server.settings.sqlalchemy_url)
    for name, value in environment:
        console.print(f"[bold]{name}[/]  {value}", highlight=False)
    report.show(console, measurements)
    console.print(invariants, markup=False)
    page = options.output or (PAGE if options.seconds >= MIN_SECONDS_TO_WRITE else None)
    if page:
        report.write(page, environment, measurements, invariants, section)
        console.print(f"Written to {page}")
    else:
        console.print(f"{PAGE.name} is not updated by runs under {MIN_SECONDS_TO_WRITE} seconds.")


def _measure(
    runner: BenchmarkRunner, workloads: Sequence[type[Workload]], end: float
) -> list[Measurement]:
    measurements = []
    for workload in (kind() for kind in workloads):
        problem = runner.prepare(workload)
        for clients in CLIENTS:
            if time.monotonic() > end:
                problem = "The time limit of the run was reached."
            if problem:
                measurements.append(Measurement(workload.title, clients, problems=[problem]))
                continue
            console.print(f"{workload.title}, {clients} clients ...", highlight=False)
            measurements.append(runner.measure(workload, clients))
    return measurements


def _parse_options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument(
        "--seconds",
        type=int,
        default=5,
        metavar="N",
        help="seconds for each side of each measurement (default: 5)",
    )
    parser.add_argument(
        "--offers",
        type=int,
        default=0,
        metavar="N",
        help="seed as many more offers, and measure what is asked about offers (default: 0)",
    )
    parser.add_argument(
        "--output", type=Path, metavar="FILE", help="page with the two markers to write to"
    )
    options = parser.parse_args()
    if not 1 <= options.seconds <= 60:
        parser.error("--seconds must be between 1 and 60")
    if not 0 <= options.offers <= 1_000_000:
        parser.error("--offers must be between 0 and 1000000")
    return options


if __name__ == "__main__":
    try:
        main()
    except KeyboardInterrupt:
        sys.exit(130)
