"""Captures the SQL of an operation, by executing it once.

A hand-written copy would be outdated after the next change of a service. PostgreSQL's log has every
statement, whether SQLAlchemy or asyncpg sent it.
"""

import asyncio
import logging
import re
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import asyncpg
import httpx
from sqlalchemy import make_url

from app import create_app
from benchmarks.load.results import BenchmarkError
from core.runtime.embedded import as_role
from core.settings import Settings
from tests.apps import endpoint_of
from tests.servers import SUPERUSER

TIMEOUT_SECONDS = 20
RELOAD = "SELECT pg_reload_conf()"
ENTRY_START = "\x1e"
LOG_PREFIX = (rf"ALTER SYSTEM SET log_line_prefix = E'\x{ord(ENTRY_START):02x}%p '", RELOAD)
NO_LOG_PREFIX = ("ALTER SYSTEM RESET log_line_prefix", RELOAD)
ENTRY = re.compile(
    r"(\d+) (?:LOG:  (?:statement|execute [^:]*): |DETAIL:  (Parameters): )(.*)", re.DOTALL
)
PARAMETER = re.compile(r"\$\d+ = (NULL|'(?:[^']|'')*')")
# asyncpg and SQLAlchemy ask about types and settings when a connection is new.
OF_CONNECTIONS = re.compile(r"pg_catalog|pg_type|current_schema|standard_conforming|pg_reload_conf")
RELOAD_SECONDS = 1.0  # until other processes have read the settings


@dataclass
class CapturedTransaction:
    """Statements with parameters as text. `ending` is None for a statement without BEGIN."""

    statements: list[tuple[str, tuple[str | None, ...]]] = field(default_factory=list)
    ending: str | None = None


def read_transactions(log: str) -> list[CapturedTransaction]:
    """Return the transactions of all connections, in the order in which they began."""
    transactions: list[CapturedTransaction] = []
    current: dict[str, CapturedTransaction] = {}  # by process of PostgreSQL
    for process, statement, parameters in _read_statements(log):
        first, _, rest = statement.strip().partition(";")
        word = first.partition(" ")[0].upper()
        if word == "BEGIN":
            transactions.append(CapturedTransaction(ending="ROLLBACK"))
            current[process] = transactions[-1]
            # pgbench prepares each statement, so it cannot send two together.
            current[process].statements += [(rest.strip(), ())] if rest.strip() else []
        elif word in {"COMMIT", "ROLLBACK"} and process in current:
            current.pop(process).ending = word
        elif process in current:
            current[process].statements.append((statement, parameters))
        else:
            transactions.append(CapturedTransaction([(statement, parameters)]))
    return [one for one in transactions if one.statements]


def _read_statements(log: str) -> Iterator[tuple[str, str, tuple[str | None, ...]]]:
    """Yield process, statement and parameters. The latter are in an entry of their own."""
    waiting: dict[str, str] = {}
    for entry in log.split(ENTRY_START):
        if not (found := ENTRY.match(entry)):
            continue
        process, has_parameters, text = found.groups()
        text = text.rstrip("\n").replace("\n\t", "\n")
        if has_parameters:
            if process in waiting:
                yield process, waiting.pop(process), tuple(map(_value, PARAMETER.findall(text)))
            continue
        if process in waiting:
            yield process, waiting.pop(process), ()
        if not OF_CONNECTIONS.search(text):
            waiting[process] = text
    for process, text in waiting.items():
        yield process, text, ()


def _value(logged: str) -> str | None:
    return None if logged == "NULL" else logged[1:-1].replace("''", "'")


class InProcessClient:
    """Executes operations through the whole HTTP stack of this process."""

    def __init__(self, http: httpx.AsyncClient, log: Path) -> None:
        self._http = http
        self._log = log

    async def execute(
        self, document: str, variables: dict[str, Any], token: str | None = None
    ) -> tuple[dict[str, Any], list[CapturedTransaction]]:
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        body = {"query": document, "variables": variables}
        start = self._log.stat().st_size
        async with asyncio.timeout(TIMEOUT_SECONDS):
            response = (await self._http.post("/graphql", json=body, headers=headers)).json()
        if "errors" in response:
            raise BenchmarkError(f"The operation failed while capturing its SQL: {response}")
        logged = self._log.read_bytes()[start:].decode()
        transactions = read_transactions(logged)
        if not transactions:
            raise BenchmarkError("PostgreSQL logged no statement of the operation.")
        return response["data"], transactions


@asynccontextmanager
async def in_process_client(settings: Settings) -> AsyncIterator[InProcessClient]:
    """Create the application without its lifespan, so that the feed's queries are not captured.

    Only new connections log their statements, so those of the measured server do not. The
    embedded PostgreSQL has its socket and its log in its data folder.
    """
    url = make_url(settings.libpq_url)
    name, log = url.database, Path(str(url.query["host"]), "log")
    await _configure(settings, *LOG_PREFIX, f"ALTER DATABASE {name} SET log_statement = 'all'")
    await asyncio.sleep(RELOAD_SECONDS)
    app = create_app(settings)
    logging.getLogger().setLevel(logging.WARNING)  # no access log from this copy of the server
    try:
        transport = httpx.ASGITransport(app=app)
        async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1") as http:
            yield InProcessClient(http, log)
    finally:
        await endpoint_of(app).app.database.close()
        await _configure(settings, *NO_LOG_PREFIX, f"ALTER DATABASE {name} RESET log_statement")


async def _configure(settings: Settings, *statements: str) -> None:
    connection = await asyncpg.connect(as_role(settings.libpq_url, SUPERUSER))
    try:
        for statement in statements:
            await connection.execute(statement)
    finally:
        await connection.close()
