"""The loads of one wave: one batch for each loader, over all levels."""

from collections.abc import Awaitable, Hashable, Iterator, Mapping
from typing import TYPE_CHECKING, Any

from core.statements.selected import Selected, take_found
from engine.execution.awaiting import attempt
from engine.execution.levels import ObjectLevel
from engine.execution.plan import Batch, Make, Values
from engine.loaders import Loader

if TYPE_CHECKING:
    from engine.execution.run import Run


class Batches:
    """Collects the keys of a wave, then loads the values of each loader in one batch."""

    def __init__(self, run: "Run") -> None:
        self._run = run
        self._asked: list[tuple[ObjectLevel, int, Batch, list[Any]]] = []
        self._ready: list[tuple[ObjectLevel, int, Values]] = []
        self._found: dict[Loader[Any, Any], Mapping[Hashable, Any] | Exception] = {}

    def add(self, level: ObjectLevel, position: int, batch: Batch) -> None:
        """Ask for a field of all objects of a level, unless it was found with them."""
        if batch.attribute is not None:
            found = take_found(level.objects, batch.attribute, batch.loader)
            if found is not None:
                values = self._made(batch.make, level, position, found)
                self._ready.append((level, position, values))
                return
        try:
            keys: list[Any] = list(map(batch.key_of, level.objects))
            if batch.page_size is not None:
                size = batch.page_size(self._run, level.selection.fields[position])
                keys = [(key, size) for key in keys]
        except Exception as error:  # noqa: BLE001 - becomes the error of each object's field
            self._ready.append((level, position, [error] * len(level.objects)))
        else:
            self._asked.append((level, position, batch, keys))

    def start(self) -> list[Awaitable[None]]:
        """Return one awaitable for each loader that has to load.

        They do not fail: `values` has the exceptions.
        """
        keys: dict[Loader[Any, Any], dict[Hashable, None]] = {}
        for _, _, batch, wanted in self._asked:
            if batch.loader is not None:
                keys.setdefault(batch.loader, {}).update(dict.fromkeys(wanted))
                continue
            for loader, key in filter(None, wanted):
                keys.setdefault(loader, {})[key] = None
        loads: list[Awaitable[None]] = []
        for loader, asked in keys.items():
            asked.pop(None, None)
            selected = self._run.plan.selected.get(loader)
            known = self._run.loaders.loaded(loader, asked.keys(), selected)
            if known is None:
                loads.append(self._load(loader, [*asked], selected))
            else:
                self._found[loader] = known
        return loads

    def values(self) -> Iterator[tuple[ObjectLevel, int, Values]]:
        """Yield the values of each field that was asked for."""
        yield from self._ready
        for level, position, batch, keys in self._asked:
            values = self._values_of(batch.loader, keys)
            yield level, position, self._made(batch.make, level, position, values)

    def _values_of(self, loader: Loader[Any, Any] | None, keys: list[Any]) -> Values:
        if loader is None:
            return [None if key is None else self._values_of(key[0], [key[1]])[0] for key in keys]
        found = self._found[loader]
        if isinstance(found, Exception):
            return [None if key is None else found for key in keys]
        return [None if key is None else found[key] for key in keys]

    def _made(self, make: Make | None, level: ObjectLevel, position: int, values: Values) -> Values:
        if make is None:
            return values
        try:
            call = make(self._run, level.selection.fields[position])
        except Exception as error:  # noqa: BLE001 - becomes the error of each object's field
            return [error] * len(values)
        return [
            value if isinstance(value, Exception) else attempt(call, source, value)
            for source, value in zip(level.objects, values, strict=True)
        ]

    async def _load(
        self, loader: Loader[Any, Any], keys: list[Any], selected: Selected | None
    ) -> None:
        try:
            self._found[loader] = await self._run.loaders.load_many(loader, keys, selected)
        except Exception as error:  # noqa: BLE001 - becomes the error of each field
            self._found[loader] = error
