"""The loaders of one request or one change, with what they have loaded."""

import asyncio
from collections.abc import Awaitable, Callable, Hashable, Mapping, Sequence, Set
from typing import Any, Self, TypeVar
from weakref import ref

from strawberry.dataloader import DataLoader

from core.statements.selected import Columns, Selected
from engine.loaders import Loader, RowLoader
from engine.reads.source import ReadSource

Key = TypeVar("Key", bound=Hashable)
Value = TypeVar("Value")


class ShieldedDataLoader(DataLoader[Key, Value]):
    """A loader whose batch is not cancelled with one of the fields that wait for it.

    GraphQL cancels the siblings of a failed field. Unshielded, that cancels other fields' batch.
    A batch can outlive its request, so it keeps the source until it has loaded.
    """

    def __init__(
        self, load: Callable[[list[Key]], Awaitable[list[Value]]], source: "ref[ReadSource]"
    ) -> None:
        super().__init__(load_fn=load)
        self._source = source

    def load(self, key: Key) -> Awaitable[Value]:
        loading = asyncio.ensure_future(super().load(key))
        source = self._source()
        loading.add_done_callback(lambda _: source)
        return asyncio.shield(loading)


class Loaders:
    """The loaders of one request or one change, each with a cache. They read from `source`.

    Rows of some columns and whole rows are cached apart. The source owns its loaders, which refer
    to it weakly: in a cycle, all rows of a request would wait for the garbage collector.
    """

    def __init__(self, source: ReadSource) -> None:
        self._find_source = ref(source)
        self._open: dict[Loader[Any, Any], DataLoader[Any, Any]] = {}
        self._loaded: dict[tuple[Any, Columns | None], dict[Any, Any]] = {}

    def __getitem__(self, loader: Loader[Key, Value]) -> DataLoader[Key, Value]:
        if loader not in self._open:
            self._open[loader] = ShieldedDataLoader(self._load_with(loader), self._find_source)
        return self._open[loader]

    async def load_many(
        self,
        loader: Loader[Key, Value],
        keys: Sequence[Key],
        selected: Selected | None = None,
    ) -> Mapping[Key, Value]:
        """Return the values of these keys, and perhaps of others. Loads only those not loaded."""
        loaded = self._values(loader, selected.columns if selected else None)
        if missing := [key for key in keys if key not in loaded]:
            if selected is not None and isinstance(loader, RowLoader):
                found = await loader.load_rows(self._source(), missing, selected)
            else:
                found = await loader.load(self._source(), missing)
            loaded.update({key: found.get(key, loader.missing) for key in missing})
        return loaded

    def loaded(
        self, loader: Loader[Key, Value], keys: Set[Key], selected: Selected | None = None
    ) -> Mapping[Key, Value] | None:
        """Return what `load_many` would return without loading anything. None if it has to."""
        loaded = self._values(loader, selected.columns if selected else None)
        return loaded if loaded.keys() >= keys else None

    def adopt(self, other: Self) -> None:
        """Take over what the loaders of another context of the same viewer have loaded."""
        self._loaded = other._loaded

    def clear(self) -> None:
        """Drop all cached values, because a transaction may have changed them."""
        self._open.clear()
        self._loaded.clear()

    def _source(self) -> ReadSource:
        source = self._find_source()
        if source is None:
            raise RuntimeError("The request of these loaders has ended.")
        return source

    def _values(self, loader: Any, columns: Columns | None) -> dict[Any, Any]:
        return self._loaded.setdefault((loader, columns), {})

    def _load_with(
        self, loader: Loader[Key, Value]
    ) -> Callable[[list[Key]], Awaitable[list[Value]]]:
        async def load(keys: list[Key]) -> list[Value]:
            found = await self.load_many(loader, keys)
            return [found[key] for key in keys]

        return load
