"""Counting the SQL statements that an answer takes."""

from contextvars import ContextVar
from typing import Any

from sqlalchemy import Engine, event

from tests.client import Client

SEEN: ContextVar[list[str] | None] = ContextVar("seen", default=None)


@event.listens_for(Engine, "before_cursor_execute")
def see(_: Any, __: Any, statement: str, *___: Any) -> None:
    """Notes a statement where a test counts them; what runs beside it has another context."""
    if (seen := SEEN.get()) is not None:
        seen.append(statement)


async def statements(client: Client, query: str, **variables: Any) -> list[str]:
    """The SQL statements that answering a query takes."""
    seen: list[str] = []
    token = SEEN.set(seen)
    await client.ask(query, **variables)
    SEEN.reset(token)
    return seen
