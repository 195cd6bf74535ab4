"""The SQL statements that an answer takes: how many, and how they are planned."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

import pytest
from sqlalchemy import Engine, event

from core.database import Database
from core.statements.statement import Statement
from engine.loaders import Loader
from engine.request_loaders import Loaders
from tests.client import Client

Sent = tuple[str, Any]

SEEN: ContextVar[list[Sent] | None] = ContextVar("seen", default=None)


@event.listens_for(Engine, "before_cursor_execute")
def see(_: Any, __: Any, statement: str, parameters: Any, *___: Any) -> None:
    """Record a statement if a test counts them; concurrent work runs in another context."""
    if (seen := SEEN.get()) is not None:
        seen.append((statement, parameters))


FETCH = Statement.fetch_with


async def _fetch_and_see(
    statement: Statement[Any], connection: Any, arguments: Sequence[Any]
) -> list[Any]:
    if (seen := SEEN.get()) is not None:
        seen.append((statement.sql, tuple(arguments)))
    return await FETCH(statement, connection, arguments)


EXECUTE = Statement.execute


async def _execute_and_see(statement: Statement[Any], connection: Any, **values: Any) -> int:
    if (seen := SEEN.get()) is not None:
        seen.append((statement.sql, tuple(statement.arguments(values))))
    return await EXECUTE(statement, connection, **values)


EXECUTE_MANY = Statement.execute_many


async def _execute_many_and_see(
    statement: Statement[Any], connection: Any, given: Sequence[Mapping[str, Any]]
) -> None:
    """Record one statement: its values are sent together."""
    if (seen := SEEN.get()) is not None:
        seen.append((statement.sql, ()))
    await EXECUTE_MANY(statement, connection, given)


setattr(Statement, "fetch_with", _fetch_and_see)  # noqa: B010 - once, like the listener above
setattr(Statement, "execute", _execute_and_see)  # noqa: B010
setattr(Statement, "execute_many", _execute_many_and_see)  # noqa: B010


@contextmanager
def captured() -> Iterator[list[Sent]]:
    """Capture the statements of the block."""
    seen: list[Sent] = []
    token = SEEN.set(seen)
    try:
        yield seen
    finally:
        SEEN.reset(token)


def load_one_by_one(monkeypatch: pytest.MonkeyPatch) -> None:
    """Make each loader send a statement for each key, as if there were no batches."""
    load_many = Loaders.load_many

    async def load(
        self: Loaders, loader: Loader[Any, Any], keys: Sequence[Any], selected: Any = None
    ) -> Mapping[Any, Any]:
        found: dict[Any, Any] = {}
        for key in keys:
            found.update(await load_many(self, loader, [key], selected))
        return found

    monkeypatch.setattr(Loaders, "load_many", load)


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
