"""Servers of their own for what a request in this process cannot show."""

import json
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path

import httpx
import pytest
from starlette.applications import Starlette

from app import create_app
from core.documents.trusted_documents import sha256
from core.settings import Settings
from tests.processes import free_port, running, wait_until_ready

TRUSTED = "query Hello { __typename }"
TRUSTED_SUBSCRIPTION = (
    "subscription Till($id: ID!) { vendorRedemptions(vendorId: $id) { kind cursor } }"
)
GRAPHQL = "application/graphql-response+json"


@pytest.fixture(scope="session")
def serving(settings: Settings) -> dict[str, str]:
    """Return the environment of a server process on the same database."""
    return {
        "ENVIRONMENT": "development",
        "DATABASE_URL": str(settings.database_url),
        "REDIS_URL": str(settings.redis_url),
        "KEYS_FILE": str(settings.keys_file),
        "OUTBOX": str(settings.outbox),
        "OBJECTS_FOLDER": str(settings.objects_folder),
    }


@pytest.fixture(scope="session")
def server(serving: dict[str, str]) -> Iterator[str]:
    """Where a server of its own answers."""
    port = str(free_port())
    environment = {"PORT": port, "CORS_ORIGINS": "https://shop.example"}
    with running("serve", **serving | environment):
        wait_until_ready(f"http://127.0.0.1:{port}")
        yield f"http://127.0.0.1:{port}"


@pytest.fixture(scope="session")
def trusted_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("trusted") / "documents.json"
    named = {
        sha256(TRUSTED): TRUSTED,
        f"sha256:{sha256(TRUSTED_SUBSCRIPTION)}": TRUSTED_SUBSCRIPTION,
    }
    path.write_text(json.dumps(named))
    return path


@asynccontextmanager
async def started(settings: Settings) -> AsyncIterator[Starlette]:
    """Yield an in-process app with these settings. It knows no operation yet."""
    app = create_app(settings)
    async with app.router.lifespan_context(app):
        yield app


@asynccontextmanager
async def called(settings: Settings) -> AsyncIterator[httpx.AsyncClient]:
    """Yield a client of an in-process app with these settings."""
    async with (
        started(settings) as app,
        httpx.AsyncClient(transport=httpx.ASGITransport(app=app), base_url="http://haat") as client,
    ):
        yield client


@pytest.fixture(scope="session")
async def trusting(settings: Settings, trusted_file: Path) -> AsyncIterator[httpx.AsyncClient]:
    """Return a client of an app that executes trusted documents only."""
    async with called(settings.model_copy(update={"trusted_documents": trusted_file})) as client:
        yield client


def codes(response: httpx.Response) -> list[str]:
    """Return the error codes of a response without data."""
    answer = response.json()
    assert "data" not in answer, answer
    return [error["extensions"]["code"] for error in answer["errors"]]
