"""The loads of one wave: one batch for each loader, over all levels."""

from collections.abc import Awaitable, Hashable, Iterator, Mapping
from typing import TYPE_CHECKING, Any

from core.statements.selected import Selected
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
        self._asked: list[tuple[ObjectLevel, int, Batch, list[Any], Exception | None]] = []
        self._found: dict[Loader[Any, Any], Mapping[Hashable, Any] | Exception] = {}

    def add(self, level: ObjectLevel, position: int, batch: Batch) -> None:
        """Ask for a field of all objects of a level."""
        keys: list[Any] = []
        try:
            keys = list(map(batch.key_of, level.objects))
            if batch.page_size is not None:
                size = batch.page_size(self._run, level.selection.fields[position])
                keys = [(key, size) for key in keys]
        except Exception as error:  # noqa: BLE001 - becomes the error of each object's field
            self._asked.append((level, position, batch, [], error))
        else:
            self._asked.append((level, position, batch, keys, None))

    def start(self) -> list[Awaitable[None]]:
        """Return one awaitable for each loader that has to load.

        They do not fail: `values` has the exceptions.
        """
        keys: dict[Loader[Any, Any], dict[Hashable, None]] = {}
        for _, _, batch, wanted, _ in self._asked:
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
            else:  # such as what was found with other rows
                self._found[loader] = known
        return loads

    def values(self) -> Iterator[tuple[ObjectLevel, int, Values]]:
        """Yield the values of each field that was asked for."""
        for level, position, batch, keys, error in self._asked:
            if error is not None:
                yield level, position, [error] * len(level.objects)
                continue
            values = self._values_of(batch.loader, keys)
            if batch.make is not None:
                values = self._make(batch.make, level, position, values)
            yield level, position, values

    def _values_of(self, loader: Loader[Any, Any] | None, keys: list[Any]) -> Values:
        if loader is None:
            return [None if key is None else self._values_of(key[0], [key[1]])[0] for key in keys]
        found = self._found[loader]
        if isinstance(found, Exception):
            return [None if key is None else found for key in keys]
        return [None if key is None else found[key] for key in keys]

    def _make(self, make: Make, level: ObjectLevel, position: int, values: Values) -> Values:
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
