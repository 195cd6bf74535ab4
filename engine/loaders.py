"""Declarations of loaders."""

from collections import defaultdict
from collections.abc import Awaitable, Callable, Hashable, Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any, Generic, TypeVar
from uuid import UUID

from sqlalchemy import Executable
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession
from sqlmodel.sql.expression import SelectOfScalar

from core.statements.pages import limit_for
from core.statements.selected import (
    AnySelect,
    Columns,
    Match,
    Selected,
    select_columns,
)
from core.statements.statement import Statement, any_of
from engine.reads.source import ReadSource
from engine.reads.statements import ViewerStatement, by_ids, newest_children
from models.base import Row
from services.viewer import Viewer

Key = TypeVar("Key", bound=Hashable)
Value = TypeVar("Value")
Table = TypeVar("Table", bound=Row)
Child = TypeVar("Child")

Load = Callable[[ReadSource, Sequence[Key]], Awaitable[Mapping[Key, Value]]]
LoadRows = Callable[[ReadSource, Sequence[Key], Selected | None], Awaitable[Mapping[Key, Value]]]
WriteJoined = Callable[[Match, Columns | None], AnySelect]
Batch = Callable[[AsyncSession, Viewer, Sequence[Key]], Awaitable[Mapping[Key, Value]]]


class Loader(Generic[Key, Value]):
    """Declares how to load values for a batch of keys. A key without a value gets `missing`.

    With `write_joined`, which selects the key and the value of one key, a statement can find the
    value together with the row that has the key. It must select the same for all viewers.
    """

    def __init__(
        self,
        load: Load[Key, Value],
        missing: Value,
        write_joined: WriteJoined | None = None,
    ) -> None:
        self.load = load
        self.missing = missing
        self.write_joined = write_joined


class RowLoader(Loader[Key, Value]):
    """Declares how to load rows of a table, whole or some of their columns.

    A value is a row or a sequence of rows. `write_joined` selects the columns of one row.
    """

    def __init__(
        self,
        load_rows: LoadRows[Key, Value],
        missing: Value,
        table: type[Any],
        write_joined: WriteJoined | None = None,
    ) -> None:
        async def load(source: ReadSource, keys: Sequence[Key]) -> Mapping[Key, Value]:
            return await load_rows(source, keys, None)

        super().__init__(load, missing, write_joined)
        self.load_rows = load_rows
        self.table = table


def in_session(batch: Batch[Key, Value]) -> Load[Key, Value]:
    """Load with a session, where one statement does not suffice."""

    async def load(source: ReadSource, keys: Sequence[Key]) -> Mapping[Key, Value]:
        async with source.read_session() as session:
            return await batch(session, source.viewer, keys)

    return load


def by_id(table: type[Table]) -> RowLoader[UUID, Table | None]:
    """Load rows by primary key, unfiltered: for foreign keys of rows that the viewer may see."""

    def write_joined(matches: Match, columns: Columns | None) -> AnySelect:
        selected = None if columns is None else Selected(table, columns)
        return select_columns(table, selected=selected).where(matches(col(table.id)))

    return _by_ids(table, lambda _: select(table), write_joined)


def visible(
    table: type[Table], rows: Callable[[Viewer], SelectOfScalar[Table]]
) -> RowLoader[UUID, Table | None]:
    """Load rows by primary key through their access query: for ids that came from the client."""
    return _by_ids(table, rows)


def _by_ids(
    table: type[Table],
    rows: Callable[[Viewer], SelectOfScalar[Table]],
    write_joined: WriteJoined | None = None,
) -> RowLoader[UUID, Table | None]:
    statement = by_ids(rows, table)

    async def load(
        source: ReadSource, ids: Sequence[UUID], selected: Selected | None
    ) -> Mapping[UUID, Table | None]:
        found = await source.fetch(statement.of(source.viewer, selected), keys=ids)
        return {row.id: row for row in found}

    return RowLoader(load, None, table, write_joined)


def children(
    table: type[Table],
    parent: str,
    rows: Callable[[Viewer], SelectOfScalar[Table]],
) -> RowLoader[tuple[UUID, int], Sequence[Table]]:
    """Load each parent's newest children through their access query. Keys: (parent id, count).

    Short and long lists are read by statements of their own. In one statement, one long list would
    make a thousand short ones of the same wave as long.
    """
    statement = newest_children(rows, table, parent)

    async def load(
        source: ReadSource, keys: Sequence[tuple[UUID, int]], selected: Selected | None
    ) -> Mapping[tuple[UUID, int], Sequence[Table]]:
        by_limit: dict[int, list[tuple[UUID, int]]] = defaultdict(list)
        for id, size in keys:
            if size:
                by_limit[limit_for(size)].append((id, size))
        found: dict[tuple[UUID, int], Sequence[Table]] = {}
        for limit, wanted in by_limit.items():
            ids = [*{id for id, _ in wanted}]
            rows = await source.fetch(statement.of(source.viewer, selected, limit), keys=ids)
            grouped = group(rows, parent)
            found |= {(id, size): grouped[id][:size] for id, size in wanted}
        return found

    return RowLoader(load, [], table)


def grouped(
    table: type[Child], parent: str, rows: Callable[[Viewer, Selected | None], Executable]
) -> RowLoader[UUID, Sequence[Child]]:
    """Load the rows of each parent, in their order. `rows` selects those of the parents in `keys`.

    `parent` names the selected column with the parent's id.
    """
    statement = ViewerStatement(rows, table)

    async def load(
        source: ReadSource, keys: Sequence[UUID], selected: Selected | None
    ) -> Mapping[UUID, Sequence[Child]]:
        columns = selected and replace(selected, joined=())  # which would change the order
        found = await source.fetch(statement.of(source.viewer, columns), keys=keys)
        return group(found, parent)

    return RowLoader(load, [], table)


def valued(write: Callable[[Match], AnySelect], missing: Value) -> Loader[UUID, Value]:
    """Load a value for each key. `write` selects the keys that match, each with its value."""
    statement: Statement[Any] = Statement(write(any_of))

    async def load(source: ReadSource, keys: Sequence[UUID]) -> Mapping[UUID, Value]:
        return dict(await source.fetch(statement, keys=keys))

    return Loader(load, missing, lambda matches, _: write(matches))


def column_by_id(column: Any, missing: Value) -> Loader[UUID, Value]:
    """Load one column of the row of each id."""
    id = column.class_.id
    return valued(lambda matches: select(id, column).where(matches(id)), missing)


def one_each(
    statement: Statement[Child], parent: str, missing: Child | None = None
) -> Loader[UUID, Any]:
    """Load the only row of each parent in `keys`."""

    async def load(source: ReadSource, keys: Sequence[UUID]) -> Mapping[UUID, Child]:
        found = await source.fetch(statement, keys=keys)
        rows: Iterable[Any] = found
        return {row[parent]: row for row in rows}

    return Loader(load, missing)


def of_viewer(loader: Loader[Key, Value]) -> Loader[Key, Value]:
    """Load what is about the viewer. An anonymous caller gets `missing`, without a statement.

    Raises `NotSignedIn` for a bad token.
    """

    async def load(source: ReadSource, keys: Sequence[Key]) -> Mapping[Key, Value]:
        if source.viewer.optional_user_id is None:
            return {}
        return await loader.load(source, keys)

    return Loader(load, loader.missing)


def group(records: Iterable[Child], parent: str) -> defaultdict[UUID, list[Child]]:
    """Group records by one of the columns that were selected, which need not be the table's."""
    found: defaultdict[UUID, list[Child]] = defaultdict(list)
    rows: Iterable[Any] = records
    for row in rows:
        found[row[parent]].append(row)
    return found
