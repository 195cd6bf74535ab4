"""Two processes that keep public answers."""

from collections.abc import AsyncIterator
from typing import Any
from uuid import uuid4

import httpx
import pytest
from prometheus_client import REGISTRY
from starlette.applications import Starlette

from app import create_app
from core.security.signing_keys import SigningKeys
from core.settings import Settings
from core.statements.read_connections import ReadConnections
from services.audit.recorder import AuditRecorder
from tests.apps import endpoint_of
from tests.client import Client


async def _serving(settings: Settings, audits: list[AuditRecorder]) -> AsyncIterator[Starlette]:
    app = create_app(settings.model_copy(update={"public_answer_seconds": 60}))
    audits.append(endpoint_of(app).app.audit)
    async with app.router.lifespan_context(app):
        yield app


@pytest.fixture(scope="module")
async def keeping(settings: Settings, audits: list[AuditRecorder]) -> AsyncIterator[Starlette]:
    async for app in _serving(settings, audits):
        yield app


@pytest.fixture(scope="module")
async def other(settings: Settings, audits: list[AuditRecorder]) -> AsyncIterator[Starlette]:
    async for app in _serving(settings, audits):
        yield app


def _client(app: Starlette, keys: SigningKeys) -> Client:
    transport = httpx.ASGITransport(app=app)
    return Client(httpx.AsyncClient(transport=transport, base_url="http://haat"), keys)


@pytest.fixture
def visitor(keeping: Starlette, keys: SigningKeys) -> Client:
    """Return an anonymous client of the first process."""
    return _client(keeping, keys)


@pytest.fixture
def elsewhere(other: Starlette, keys: SigningKeys) -> Client:
    """Return an anonymous client of the second process."""
    return _client(other, keys)


@pytest.fixture
def statements(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """Record the statements that are read."""
    sent: list[Any] = []
    fetch = ReadConnections.fetch

    async def record(reads: ReadConnections, statement: Any, values: Any) -> Any:
        sent.append(statement)
        return await fetch(reads, statement, values)

    monkeypatch.setattr(ReadConnections, "fetch", record)
    return sent


class Results:
    """Counts the answers by their result."""

    def __init__(self) -> None:
        self._before = self._read()

    def peek(self) -> dict[str, float]:
        """Return the answers since the last call of `take`."""
        since = {name: value - self._before[name] for name, value in self._read().items()}
        return {name: number for name, number in since.items() if number}

    def take(self) -> dict[str, float]:
        found, self._before = self.peek(), self._read()
        return found

    def _read(self) -> dict[str, float]:
        return {
            name: REGISTRY.get_sample_value("haat_public_answers_total", {"result": name}) or 0
            for name in ("hit", "shared", "made", "joined")
        }


@pytest.fixture
def results() -> Results:
    return Results()


def named(selection: str, variables: str = "") -> str:
    """Return a query that no other test has sent: answers are shared by all of them in Redis."""
    return f"query Q{uuid4().hex}{variables} {{ {selection} }}"
