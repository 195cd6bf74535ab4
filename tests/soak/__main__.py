"""`python -m tests.soak`: three minutes of chat in which nothing stays up."""

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
from tests.soak.server_group import opened
from tests.soak.soak import soak

OTHER_SECONDS = 540  # at the most, to start, to compare and to stop in

console = Console(highlight=False)


def main() -> None:
    scale = _scale()
    for number in (signal.SIGTERM, signal.SIGALRM):
        signal.signal(number, lambda *_: sys.exit("Stopped."))  # and with it what was started
    signal.alarm(int(scale.seconds) + OTHER_SECONDS)
    console.print("Starting PostgreSQL, Valkey and two servers ...")
    with tempfile.TemporaryDirectory(prefix="haat-soak-") as folder, opened(Path(folder)) as house:
        outcome = asyncio.run(soak(house, scale, console.print))
    report.show(console, outcome)
    sys.exit(bool(outcome.wrong))


def _scale() -> Scale:
    parser = argparse.ArgumentParser(prog="python -m tests.soak", description=__doc__)
    parser.add_argument("--seconds", type=int, default=int(WHOLE.seconds), metavar="N")
    parser.add_argument("--seed", type=int, default=WHOLE.seed, metavar="N", help="another order")
    options = parser.parse_args()
    if not 10 <= options.seconds <= 3600:
        parser.error("--seconds is from 10 to 3600")
    return replace(WHOLE, seconds=options.seconds, seed=options.seed)


if __name__ == "__main__":
    try:
        main()
    except KeyboardInterrupt:
        sys.exit(130)
