"""`python -m benchmarks.peers`: Haat and other servers, in turn, with the same rows and answers."""

import argparse
import multiprocessing
import os
import signal
import sys
import tempfile
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import ExitStack
from pathlib import Path

from rich.console import Console

from benchmarks.environment import describe_machine
from benchmarks.load.results import BenchmarkError
from benchmarks.peers import report
from benchmarks.peers.answers import walk_pages, write_fixed_answers
from benchmarks.peers.contenders import CONTENDERS, FIXED, HAAT, NODE_PROGRAMS, WORKLOADS, Contender
from benchmarks.peers.processes import CLIENT_CORE, SERVER_CORE, PinnedServer, start_server
from benchmarks.peers.runner import CLIENTS, PeerRunner
from benchmarks.peers.stack import Stack, start_stack
from benchmarks.peers.versions import describe_versions
from tests import npm

SETUP_SECONDS = 240  # on a busy machine
MIN_ROUNDS_TO_WRITE = 3

console = Console()


def main() -> None:
    options = _parse_options()
    if not {SERVER_CORE, CLIENT_CORE} <= os.sched_getaffinity(0):
        sys.exit("The servers and the clients each need a processor core, 0 and 1.")
    contenders, workloads = _selected(options.only)
    for ending in (signal.SIGTERM, signal.SIGALRM):
        # sys.exit() unwinds the context managers, which stop the started servers.
        signal.signal(ending, lambda *_: sys.exit("Stopped."))
    turns = len(contenders) * len(workloads) * options.rounds
    load = os.getloadavg()[0]
    npm.install(NODE_PROGRAMS)
    signal.alarm(SETUP_SECONDS + int(turns * (options.seconds + 2)))
    os.sched_setaffinity(0, {CLIENT_CORE})  # inherited by PostgreSQL, Valkey and the clients
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="haat-peers-")))
        executor = ProcessPoolExecutor(1, multiprocessing.get_context("spawn"))
        stack.enter_context(executor)
        console.print("Starting PostgreSQL and Valkey with the rows ...")
        running = stack.enter_context(start_stack(folder))
        environment = [
            *describe_machine(folder, load),
            *describe_versions(),
            ("Rows", running.description),
            (
                "Each figure",
                f"median of {options.rounds} turns of {options.seconds:g} s, {CLIENTS} connections",
            ),
        ]
        runner = PeerRunner(running, executor, options.seconds)
        _start_all(stack, running, runner, contenders, workloads)
        for number in range(options.rounds):
            console.print(f"Round {number + 1} of {options.rounds} ...", highlight=False)
            runner.measure_round(backwards=bool(number % 2))
    report.show(console, runner.results)
    complete = len(contenders) == len(CONTENDERS) and len(workloads) == len(WORKLOADS)
    if complete and options.rounds >= MIN_ROUNDS_TO_WRITE:
        for path in report.write(environment, runner.results):
            console.print(f"Written: {path}", highlight=False)
    else:
        console.print("A run with fewer servers, workloads or rounds writes nothing.")


def _start_all(
    stack: ExitStack,
    running: Stack,
    runner: PeerRunner,
    contenders: Sequence[Contender],
    workloads: Sequence[str],
) -> None:
    """Start the servers. Haat is always one of them, because its answers are the reference."""
    haat = next(one for one in CONTENDERS if one.key == HAAT)
    token = running.tokens[0]
    reference = stack.enter_context(start_server(haat, running))
    cursors = {HAAT: walk_pages(reference, token)}
    write_fixed_answers(reference, running.folder / "answers", cursors[HAAT], token)
    for contender in contenders:
        console.print(f"{contender.title}: starting, comparing, warming up ...", highlight=False)
        server: PinnedServer = reference
        if contender.key != HAAT:
            server = stack.enter_context(start_server(contender, running))
            fixed = contender.key == FIXED
            cursors[contender.key] = [None] if fixed else walk_pages(server, token)
        own = [workload for workload in contender.workloads if workload in workloads]
        runner.add(server, reference, own, cursors)


def _selected(names: Sequence[str]) -> tuple[list[Contender], list[str]]:
    """Return the named servers and workloads; all of a kind of which none is named."""
    contenders = [one for one in CONTENDERS if one.key in names] or list(CONTENDERS)
    workloads = [one for one in WORKLOADS if one in names] or list(WORKLOADS)
    return contenders, workloads


def _parse_options() -> argparse.Namespace:
    names = [*(one.key for one in CONTENDERS), *WORKLOADS]
    parser = argparse.ArgumentParser(prog="python -m benchmarks.peers", description=__doc__)
    parser.add_argument(
        "--only",
        nargs="+",
        default=[],
        choices=names,
        metavar="NAME",
        help=f"servers and workloads to measure, of {', '.join(names)} (default: all)",
    )
    parser.add_argument(
        "--seconds", type=float, default=4, metavar="N", help="seconds of a turn (default: 4)"
    )
    parser.add_argument(
        "--rounds", type=int, default=3, metavar="N", help="turns of each figure (default: 3)"
    )
    options = parser.parse_args()
    if not (0.5 <= options.seconds <= 60 and 1 <= options.rounds <= 20):
        parser.error("--seconds must be between 0.5 and 60, and --rounds between 1 and 20")
    return options


if __name__ == "__main__":
    try:
        main()
    except KeyboardInterrupt:
        sys.exit(130)
    except BenchmarkError as error:
        sys.exit(str(error))
