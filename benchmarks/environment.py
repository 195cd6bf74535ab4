"""Describes the machine, the versions and the settings of a run."""

import asyncio
import os
import platform
import subprocess
from pathlib import Path

import psutil
from sqlalchemy import text

from benchmarks.server import BenchmarkServer
from core.clock import now
from core.database import Database
from core.settings import HOME

SETTINGS = ("fsync", "synchronous_commit", "full_page_writes", "shared_buffers", "max_connections")


def describe_environment(
    server: BenchmarkServer, seconds: int, load: float
) -> list[tuple[str, str]]:
    """Return names and values. `load` is the average before the servers started."""
    version, settings = asyncio.run(_database_settings(server.settings.sqlalchemy_url))
    pools = f"{server.settings.database_pool} + {server.settings.database_read_pool}"
    return [
        *describe_machine(server.folder, load),
        ("PostgreSQL", version),
        ("PostgreSQL settings", ", ".join(f"{name} {value}" for name, value in settings)),
        ("Server", f"1 process, {pools} connections, access log in a file"),
        ("Each figure", f"{seconds} s of the server and {seconds} s of pgbench, alternating"),
    ]


def describe_machine(folder: Path, load: float) -> list[tuple[str, str]]:
    """Return names and values. The data is in `folder`."""
    return [
        ("Date", f"{now():%Y-%m-%d %H:%M} UTC"),
        ("Code", _commit()),
        ("Processor", f"{_cpu_model()}, {os.cpu_count()} cores, load {load:.2f} before the run"),
        ("Memory", f"{psutil.virtual_memory().total / 2**30:.1f} GiB"),
        ("System", f"{platform.system()} {platform.release()}, data on {_filesystem(folder)}"),
        ("Python", f"{platform.python_implementation()} {platform.python_version()}"),
    ]


async def _database_settings(url: str) -> tuple[str, list[tuple[str, str]]]:
    database = Database(url)
    try:
        async with database.engine.connect() as connection:
            version = str(await connection.scalar(text("SHOW server_version")))
            values = [
                (name, str(await connection.scalar(text(f"SHOW {name}")))) for name in SETTINGS
            ]
    finally:
        await database.close()
    return version, values


def _cpu_model() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
    except OSError:
        return platform.machine()
    names = (line.partition(":")[2].strip() for line in lines if line.startswith("model name"))
    return next(names, platform.machine())


def _filesystem(folder: Path) -> str:
    """Return the type of the file system. On tmpfs, a commit does not wait for a disk."""
    mounts = [
        one for one in psutil.disk_partitions(all=True) if folder.is_relative_to(one.mountpoint)
    ]
    return max(mounts, key=lambda one: len(one.mountpoint)).fstype if mounts else "unknown"


def _commit() -> str:
    command = ["git", "-C", str(HOME), "describe", "--always", "--dirty"]
    try:
        done = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603
    except OSError:
        return "unknown"
    return done.stdout.strip() or "unknown"
