"""A server on a PostgreSQL and a Valkey of its own, which tests can stop and let hang."""

import tempfile
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import httpx
import pytest

from core.database import STATEMENT_SECONDS
from core.settings import Settings
from tests import servers
from tests.running import Postgres, Server, Valkey, serving


@pytest.fixture(scope="module")
def folder() -> Iterator[Path]:
    """Create a folder whose name is short enough for PostgreSQL's socket."""
    with tempfile.TemporaryDirectory(prefix="haat-out-") as name:
        folder = Path(name)
        folder.chmod(0o755)  # PostgreSQL runs as a user of its own when we are root
        yield folder


@pytest.fixture(scope="module")
def postgres(folder: Path) -> Iterator[Postgres]:
    with Postgres(folder) as postgres:
        servers.migrate(postgres.migrations_url)
        yield postgres


@pytest.fixture(scope="module")
def valkey(folder: Path) -> Iterator[Valkey]:
    with Valkey(folder / "valkey") as valkey:
        yield valkey


@pytest.fixture(scope="module")
def own_settings(settings: Settings, postgres: Postgres, valkey: Valkey) -> Settings:
    """Return settings with production's deadlines, and with points for callers that ask in a loop.

    An open circuit halves their buckets.
    """
    return Settings(
        database_url=postgres.url,
        redis_url=valkey.url,
        keys_file=settings.keys_file,
        outbox=settings.outbox,
        objects_folder=settings.objects_folder,
        statement_timeout_seconds=STATEMENT_SECONDS,
        anonymous_points=1_000_000,
    )


@pytest.fixture(scope="module")
def server(own_settings: Settings, folder: Path) -> Iterator[Server]:
    with serving(own_settings, own_settings.redis, folder / "log") as server:
        yield server


@pytest.fixture
async def outside(server: Server) -> AsyncIterator[httpx.AsyncClient]:
    """Open a client whose patience is longer than any deadline of the server."""
    async with httpx.AsyncClient(base_url=server.url, timeout=60) as client:
        yield client
