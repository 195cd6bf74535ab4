"""The very statements that the server issues for an operation, by running it once.

Written down by hand they would be wrong after the next change of a service.
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
from benchmarks.tally import Failed
from core.settings import Settings

PATIENCE_SECONDS = 20


@dataclass
class Transaction:
    """Statements with their parameters, as they go to the driver, and how they ended."""

    statements: list[tuple[str, tuple[Any, ...]]] = field(default_factory=list)
    ending: str = "ROLLBACK"


class Recorder:
    """Hears what every engine of this process does."""

    def __init__(self) -> None:
        self.transactions: list[Transaction] = []
        self.engines: set[Engine] = set()
        self._open: dict[Connection, Transaction] = {}
        self._heard: list[tuple[str, Callable[..., None]]] = [
            ("begin", self._begin),
            ("before_cursor_execute", self._execute),
            ("commit", self._commit),
        ]

    def start(self) -> None:
        for name, hear in self._heard:
            event.listen(Engine, name, hear)

    def stop(self) -> None:
        for name, hear in self._heard:
            event.remove(Engine, name, hear)

    def _begin(self, connection: Connection) -> None:
        self.engines.add(connection.engine)
        transaction = self._open[connection] = Transaction()
        self.transactions.append(transaction)

    def _execute(
        self, connection: Connection, _: Any, statement: str, given: Any, __: Any, many: bool
    ) -> None:
        rows = given if many else [given]
        self._open[connection].statements += [(statement, tuple(row)) for row in rows]

    def _commit(self, connection: Connection) -> None:
        self._open[connection].ending = "COMMIT"


class Inside:
    """The server's application in this process, asked over its whole HTTP stack."""

    def __init__(self, http: httpx.AsyncClient, recorder: Recorder) -> None:
        self._http = http
        self._recorder = recorder

    async def ask(
        self, document: str, variables: dict[str, Any], token: str | None = None
    ) -> tuple[dict[str, Any], list[Transaction]]:
        """The data of the answer, and the transactions it took, in the order they began."""
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        body = {"query": document, "variables": variables}
        transactions: list[Transaction] = []
        self._recorder.transactions = transactions
        async with asyncio.timeout(PATIENCE_SECONDS):
            answer = (await self._http.post("/graphql", json=body, headers=headers)).json()
        if "errors" in answer:
            raise Failed(f"The operation failed when its statements were captured: {answer}")
        return answer["data"], transactions


@asynccontextmanager
async def inside(settings: Settings) -> AsyncIterator[Inside]:
    """Its lifespan is left out, for the feed would be heard too."""
    app = create_app(settings)
    logging.getLogger().setLevel(logging.WARNING)  # this copy of the server tells nobody
    recorder = Recorder()
    recorder.start()
    try:
        transport = httpx.ASGITransport(app=app)
        async with httpx.AsyncClient(transport=transport, base_url="http://haat") as http:
            yield Inside(http, recorder)
    finally:
        recorder.stop()
        for engine in recorder.engines:
            await AsyncEngine(engine).dispose()
