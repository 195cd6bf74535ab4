"""`python -m tests.soak`: three minutes of chat during failures of every service."""

import argparse
import asyncio
import signal
import sys
import tempfile
from dataclasses import replace
from pathlib import Path

from rich.console import Console

from tests.soak import report
from tests.soak.scale import WHOLE, Scale
from tests.soak.server_group import start_servers
from tests.soak.soak import soak

OTHER_SECONDS = 540  # at most, to start, compare and stop

console = Console(highlight=False)


def main() -> None:
    scale = _scale()
    for number in (signal.SIGTERM, signal.SIGALRM):
        signal.signal(number, lambda *_: sys.exit("Stopped."))  # stops the child processes too
    signal.alarm(int(scale.seconds) + OTHER_SECONDS)
    console.print("Starting PostgreSQL, Valkey and two servers ...")
    with (
        tempfile.TemporaryDirectory(prefix="haat-soak-") as folder,
        start_servers(Path(folder)) as group,
    ):
        outcome = asyncio.run(soak(group, scale, console.print))
    report.show(console, outcome)
    sys.exit(bool(outcome.wrong))


def _scale() -> Scale:
    parser = argparse.ArgumentParser(prog="python -m tests.soak", description=__doc__)
    parser.add_argument("--seconds", type=int, default=int(WHOLE.seconds), metavar="N")
    parser.add_argument("--seed", type=int, default=WHOLE.seed, metavar="N", help="random sequence")
    options = parser.parse_args()
    if not 10 <= options.seconds <= 3600:
        parser.error("--seconds is from 10 to 3600")
    rounds = max(1, round(options.seconds / WHOLE.seconds))
    failures = WHOLE.planned_failures * rounds
    return replace(WHOLE, seconds=options.seconds, seed=options.seed, planned_failures=failures)


if __name__ == "__main__":
    try:
        main()
    except KeyboardInterrupt:
        sys.exit(130)
