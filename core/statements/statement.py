"""Statements written with SQLAlchemy, compiled once, and sent by asyncpg."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Generic, TypeVar, cast, overload
from uuid import UUID

import asyncpg
from sqlalchemy import (
    ColumnElement,
    Select,
    SQLColumnExpression,
    Table,
    Uuid,
    any_,
    bindparam,
)
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.sql import visitors
from sqlalchemy.sql.base import Executable
from sqlalchemy.sql.compiler import SQLCompiler

from core.statements.dialect import DIALECT
from core.statements.records import record_of
from core.statements.selected import Selected, found_with_rows

Result = TypeVar("Result")
KEYS = "keys"  # the parameter of a statement for many objects
Argument = Callable[[Mapping[str, Any]], Any]


class Statement(Generic[Result]):
    """SQL with numbered parameters, and how the values given by name become its arguments.

    Values given while the statement is written are constants of its text. What differs between
    callers or over time is a `bindparam()` with a name, or with a `callable_` that returns it.

        OWN = Statement(select(Voucher).where(Voucher.user_id == bindparam("user_id")), Voucher)
        vouchers = await OWN.fetch(connection, user_id=user_id)

    asyncpg prepares it on each connection that it is sent on, and keeps the most recently used
    ones there. After a change of the schema it prepares it again, except in a transaction, which
    fails with `InvalidCachedStatementError`. Results are records of `table`, if it is given.
    `tables` are the names of those that it reads or writes. With what is `selected`, if the
    statement was written for that with `join`, `take_found` takes from records what was joined.
    """

    __slots__ = ("_arguments", "_record", "parameters", "sql", "tables")

    @overload
    def __init__(self: "Statement[asyncpg.Record]", statement: Executable) -> None: ...

    @overload
    def __init__(
        self, statement: Executable, table: type[Result], selected: Selected | None = None
    ) -> None: ...

    def __init__(
        self,
        statement: Executable,
        table: type[Any] | None = None,
        selected: Selected | None = None,
    ) -> None:
        compiled = cast("SQLCompiler", cast("Any", statement).compile(dialect=DIALECT))
        self.sql = str(compiled)
        self.parameters = frozenset(compiled.positiontup or ())
        self._arguments = [_argument(compiled, name) for name in compiled.positiontup or ()]
        parts = visitors.iterate(cast("Any", statement))
        self.tables = frozenset(one.name for one in parts if isinstance(one, Table))
        columns = statement.selected_columns if isinstance(statement, Select) else ()
        names = [one.key or "" for one in columns]
        found = found_with_rows(selected, names)
        self._record = asyncpg.Record if table is None else record_of(table, names, found)

    async def fetch(self, connection: asyncpg.Connection, **values: Any) -> list[Result]:
        """Return the rows. Raises errors of asyncpg; see `core.outages`."""
        return await self.fetch_with(connection, self.arguments(values))

    async def fetch_one(self, connection: asyncpg.Connection, **values: Any) -> Result | None:
        """Return the first row, if there is one."""
        rows = await self.fetch_with(connection, self.arguments(values))
        return rows[0] if rows else None

    async def execute(self, connection: asyncpg.Connection, **values: Any) -> int:
        """Return how many rows were written."""
        status: str = await connection.execute(self.sql, *self.arguments(values))
        return int(status.rpartition(" ")[2])

    async def execute_many(
        self, connection: asyncpg.Connection, given: Sequence[Mapping[str, Any]]
    ) -> None:
        """Write once for each set of values, without waiting for an answer in between."""
        await connection.executemany(self.sql, [self.arguments(values) for values in given])

    async def fetch_with(
        self, connection: asyncpg.Connection, arguments: Sequence[Any]
    ) -> list[Result]:
        """Return the rows for arguments made before a connection was taken."""
        rows: list[Result] = await connection.fetch(self.sql, *arguments, record_class=self._record)
        return rows

    def arguments(self, values: Mapping[str, Any]) -> list[Any]:
        """Return the arguments in their order. Values of other names are ignored."""
        return [argument(values) for argument in self._arguments]


def any_of(
    column: SQLColumnExpression[UUID] | SQLColumnExpression[UUID | None], name: str = KEYS
) -> ColumnElement[bool]:
    """Match rows by a list of ids, one parameter however long the list is."""
    return column == any_(bindparam(name, type_=ARRAY(Uuid())))


def _argument(compiled: SQLCompiler, name: str) -> Argument:
    """Return the function that finds a value and encodes it as asyncpg takes it."""
    bind = compiled.binds[name]
    encode = bind.type.dialect_impl(DIALECT).bind_processor(DIALECT)
    find = _by_callable(name, bind.callable) if bind.callable else _by_name(bind.key)
    return find if encode is None else lambda values: encode(find(values))


def _by_name(name: str) -> Argument:
    def find(values: Mapping[str, Any]) -> Any:
        try:
            return values[name]
        except KeyError:
            raise TypeError(f"The statement needs a value for {name}.") from None

    return find


def _by_callable(name: str, default: Callable[[], Any]) -> Argument:
    return lambda values: values[name] if name in values else default()
