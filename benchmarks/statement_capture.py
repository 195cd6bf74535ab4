"""Captures the SQL of an operation, by executing it once.

A hand-written copy would be outdated after the next change of a service.
"""

import asyncio
import logging
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import httpx
from sqlalchemy import Connection, event
from sqlalchemy.engine import Engine
from sqlalchemy.ext.asyncio import AsyncEngine

from app import create_app
from benchmarks.results import BenchmarkError
from core.settings import Settings

TIMEOUT_SECONDS = 20


@dataclass
class CapturedTransaction:
    """Statements with parameters as passed to the driver."""

    statements: list[tuple[str, tuple[Any, ...]]] = field(default_factory=list)
    ending: str = "ROLLBACK"


class StatementRecorder:
    def __init__(self) -> None:
        self.transactions: list[CapturedTransaction] = []
        self.engines: set[Engine] = set()
        self._open: dict[Connection, CapturedTransaction] = {}
        self._listeners: list[tuple[str, Callable[..., None]]] = [
            ("begin", self._begin),
            ("before_cursor_execute", self._execute),
            ("commit", self._commit),
        ]

    def start(self) -> None:
        for name, listener in self._listeners:
            event.listen(Engine, name, listener)

    def stop(self) -> None:
        for name, listener in self._listeners:
            event.remove(Engine, name, listener)

    def _begin(self, connection: Connection) -> None:
        self.engines.add(connection.engine)
        transaction = self._open[connection] = CapturedTransaction()
        self.transactions.append(transaction)

    def _execute(
        self, connection: Connection, _: Any, statement: str, given: Any, __: Any, many: bool
    ) -> None:
        rows = given if many else [given]
        self._open[connection].statements += [(statement, tuple(row)) for row in rows]

    def _commit(self, connection: Connection) -> None:
        self._open[connection].ending = "COMMIT"


class InProcessClient:
    """Executes operations through the whole HTTP stack of this process."""

    def __init__(self, http: httpx.AsyncClient, recorder: StatementRecorder) -> None:
        self._http = http
        self._recorder = recorder

    async def execute(
        self, document: str, variables: dict[str, Any], token: str | None = None
    ) -> tuple[dict[str, Any], list[CapturedTransaction]]:
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        body = {"query": document, "variables": variables}
        transactions: list[CapturedTransaction] = []
        self._recorder.transactions = transactions
        async with asyncio.timeout(TIMEOUT_SECONDS):
            response = (await self._http.post("/graphql", json=body, headers=headers)).json()
        if "errors" in response:
            raise BenchmarkError(f"The operation failed while capturing its SQL: {response}")
        return response["data"], transactions


@asynccontextmanager
async def in_process_client(settings: Settings) -> AsyncIterator[InProcessClient]:
    """Create the application without its lifespan, so that the feed's queries are not captured."""
    app = create_app(settings)
    logging.getLogger().setLevel(logging.WARNING)  # no access log from this copy of the server
    recorder = StatementRecorder()
    recorder.start()
    try:
        transport = httpx.ASGITransport(app=app)
        async with httpx.AsyncClient(transport=transport, base_url="http://haat") as http:
            yield InProcessClient(http, recorder)
    finally:
        recorder.stop()
        for engine in recorder.engines:
            await AsyncEngine(engine).dispose()
