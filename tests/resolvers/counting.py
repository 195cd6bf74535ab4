"""The SQL statements that an answer takes: how many, and how they are planned."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

from sqlalchemy import Engine, event

from core.database import Database
from tests.client import Client

Sent = tuple[str, Any]

SEEN: ContextVar[list[Sent] | None] = ContextVar("seen", default=None)


@event.listens_for(Engine, "before_cursor_execute")
def see(_: Any, __: Any, statement: str, parameters: Any, *___: Any) -> None:
    """Record a statement if a test counts them; concurrent work runs in another context."""
    if (seen := SEEN.get()) is not None:
        seen.append((statement, parameters))


@contextmanager
def captured() -> Iterator[list[Sent]]:
    """Capture the statements of the block."""
    seen: list[Sent] = []
    token = SEEN.set(seen)
    try:
        yield seen
    finally:
        SEEN.reset(token)


async def statements(client: Client, query: str, **variables: Any) -> list[str]:
    """Return the SQL statements that a query executes."""
    return [statement for statement, _ in await _sent(client, query, **variables)]


async def plans(database: Database, client: Client, query: str, **variables: Any) -> str:
    """How PostgreSQL goes about the statements that answering a query takes."""
    return await explain(database, await _sent(client, query, **variables))


async def explain(database: Database, sent: list[Sent]) -> str:
    lines: list[str] = []
    async with database.engine.connect() as connection:
        for statement, parameters in sent:
            plan = await connection.exec_driver_sql(f"EXPLAIN {statement}", parameters)
            lines += [statement, *plan.scalars(), ""]
    return "\n".join(lines)


async def _sent(client: Client, query: str, **variables: Any) -> list[Sent]:
    with captured() as seen:
        await client.ask(query, **variables)
    return seen
