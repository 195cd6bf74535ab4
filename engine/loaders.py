"""Declarations of loaders, and the loaders of one request."""

import asyncio
from collections import defaultdict
from collections.abc import Awaitable, Callable, Hashable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from typing import Any, Generic, TypeVar
from uuid import UUID

from sqlalchemy import func
from sqlalchemy.orm import aliased
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession
from sqlmodel.sql.expression import SelectOfScalar
from strawberry.dataloader import DataLoader

from models.base import Row
from services.viewer import Viewer

Key = TypeVar("Key", bound=Hashable)
Value = TypeVar("Value")
Table = TypeVar("Table", bound=Row)

Batch = Callable[[AsyncSession, Viewer, Sequence[Key]], Awaitable[Mapping[Key, Value]]]


class Loader(Generic[Key, Value]):
    """Declares how to load values for a batch of keys. A key without a value gets `missing`."""

    def __init__(self, batch: Batch[Key, Value], missing: Value) -> None:
        self.batch = batch
        self.missing = missing


class ShieldedDataLoader(DataLoader[Key, Value]):
    """A loader whose batch is not cancelled with one of the fields that wait for it.

    GraphQL cancels the siblings of a failed field. Unshielded, that cancels other fields' batch.
    """

    def load(self, key: Key) -> Awaitable[Value]:
        return asyncio.shield(super().load(key))


class Loaders:
    """The loaders of one request or one change. Each has a cache, each batch a short session."""

    def __init__(
        self, open_session: Callable[[], AbstractAsyncContextManager[AsyncSession]], viewer: Viewer
    ) -> None:
        self._open_session = open_session
        self._viewer = viewer
        self._open: dict[Loader[Any, Any], DataLoader[Any, Any]] = {}
        self._loaded: dict[Loader[Any, Any], dict[Any, Any]] = {}

    def __getitem__(self, loader: Loader[Key, Value]) -> DataLoader[Key, Value]:
        if loader not in self._open:
            self._open[loader] = ShieldedDataLoader(load_fn=self._load_with(loader))
        return self._open[loader]

    async def load_many(
        self, loader: Loader[Key, Value], keys: Sequence[Key]
    ) -> Mapping[Key, Value]:
        """Return the values of these keys, and perhaps of others. Loads only those not loaded."""
        loaded: dict[Key, Value] = self._loaded.setdefault(loader, {})
        if missing := [key for key in keys if key not in loaded]:
            async with self._open_session() as session:
                found = await loader.batch(session, self._viewer, missing)
            loaded.update({key: found.get(key, loader.missing) for key in missing})
        return loaded

    def clear(self) -> None:
        """Drop all cached values, because a transaction may have changed them."""
        self._open.clear()
        self._loaded.clear()

    def _load_with(
        self, loader: Loader[Key, Value]
    ) -> Callable[[list[Key]], Awaitable[list[Value]]]:
        async def load(keys: list[Key]) -> list[Value]:
            found = await self.load_many(loader, keys)
            return [found[key] for key in keys]

        return load


def by_id(table: type[Table]) -> Loader[UUID, Table | None]:
    """Load rows by primary key, unfiltered: for foreign keys of rows that the viewer may see."""

    async def batch(
        session: AsyncSession, viewer: Viewer, ids: Sequence[UUID]
    ) -> Mapping[UUID, Table | None]:
        found = await session.exec(select(table).where(col(table.id).in_(ids)))
        return {row.id: row for row in found}

    return Loader(batch, None)


def visible(
    table: type[Table], rows: Callable[[Viewer], SelectOfScalar[Table]]
) -> Loader[UUID, Table | None]:
    """Load rows by primary key through their access query: for ids that came from the client."""

    async def batch(
        session: AsyncSession, viewer: Viewer, ids: Sequence[UUID]
    ) -> Mapping[UUID, Table | None]:
        found = await session.exec(rows(viewer).where(col(table.id).in_(ids)))
        return {row.id: row for row in found}

    return Loader(batch, None)


def children(
    table: type[Table],
    parent: str,
    rows: Callable[[Viewer], SelectOfScalar[Table]],
) -> Loader[tuple[UUID, int], Sequence[Table]]:
    """Load each parent's newest children through their access query. Keys: (parent id, count)."""

    async def batch(
        session: AsyncSession, viewer: Viewer, keys: Sequence[tuple[UUID, int]]
    ) -> Mapping[tuple[UUID, int], Sequence[Table]]:
        foreign_key = getattr(table, parent)
        place = func.row_number().over(
            partition_by=foreign_key, order_by=(col(table.created_at).desc(), col(table.id).desc())
        )
        most = max(size for _, size in keys)
        wanted = rows(viewer).where(foreign_key.in_({id for id, _ in keys}))
        numbered = wanted.add_columns(place.label("place")).subquery()
        row = aliased(table, numbered)
        found = await session.exec(
            select(row).where(numbered.c.place <= most).order_by(numbered.c.place)
        )
        grouped: dict[UUID, list[Table]] = defaultdict(list)
        for child in found:
            grouped[getattr(child, parent)].append(child)
        return {(id, size): grouped[id][:size] for id, size in keys}

    return Loader(batch, [])
