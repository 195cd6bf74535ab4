"""Decides which columns of rows a plan reads, and which rows and values come with others."""

from collections.abc import Hashable, Iterable, Iterator, Mapping, Sequence
from typing import Any

from core.statements.selected import Columns, Joined, Selected, columns_of
from engine.connections import Connection
from engine.execution.plan import PlannedField, Selection
from engine.field_kinds import RelatedByKind, needs
from engine.loaders import Loader, RowLoader
from engine.strawberry_internals import declared_class, declared_field
from engine.types import Rows

MAX_JOINED = 6  # in one statement; PostgreSQL finds the best order of up to eight tables


class RowColumns:
    """Works out which columns of rows the fields of a plan read: of loaders, and of pages of lists.

    A loader reads the same columns wherever a plan uses it, so that its rows are cached once. It
    reads whole rows if a field can read any column.
    """

    def __init__(self, roots: Iterable[Selection]) -> None:
        self._pages: list[tuple[PlannedField, list[PlannedField]]] = []
        self._loaded: dict[RowLoader[Any, Any], list[Selection] | None] = {}
        self._seen: set[int] = set()
        for root in roots:
            self._collect(root)
        self._columns = {
            loader: self._columns_of(places, loader.table) if places else None
            for loader, places in self._loaded.items()
        }

    def of_loaders(self) -> dict[Loader[Any, Any], Selected]:
        """Return what is selected of the rows of the loaders; whole rows are left out."""
        return {
            loader: Selected(loader.table, columns, self._joined(places, columns))
            for loader, places in self._loaded.items()
            if places and (columns := self._columns[loader]) is not None
        }

    def set_pages(self) -> None:
        """Set what each field with a page selects of its rows."""
        for planned, fields in self._pages:
            planned.selected = self._of_page(planned, fields)

    def _collect(self, selection: Selection) -> None:
        if id(selection) in self._seen:
            return
        self._seen.add(id(selection))
        for planned in selection.fields:
            below = _selections(planned)
            if planned.batch is not None:
                self._add_batch(planned, below)
            for one in below:
                if issubclass(declared_class(one.type), Connection):
                    self._pages.append((planned, one.fields))
                self._collect(one)

    def _add_batch(self, planned: PlannedField, below: Sequence[Selection]) -> None:
        for loader in _loaders(planned):
            if not isinstance(loader, RowLoader):
                continue
            found = [one for one in below if self._table(one) is loader.table]
            places = self._loaded.setdefault(loader, [])
            # A function that makes the value of a row can read any column.
            if not found or places is None or (planned.batch and planned.batch.make):
                self._loaded[loader] = None
            else:
                places += found

    def _of_page(self, planned: PlannedField, fields: Iterable[PlannedField]) -> Selected | None:
        rows: list[Selection] = []
        wanted: set[str] = set()
        for one in fields:
            read = _needs(one)
            if read is None:
                return None
            wanted |= read
            rows += _rows(one)
        table = self._table(rows[0]) if rows else None
        if table is None or any(self._table(one) is not table for one in rows):
            return None
        columns = self._columns_of(rows, table, wanted)
        return None if columns is None else Selected(table, columns, self._joined(rows, columns))

    def _columns_of(
        self, places: Iterable[Selection], table: type[Any], more: Iterable[str] = ()
    ) -> Columns | None:
        wanted = {"id", *more}
        for planned in _fields(places):
            read = _needs(planned)
            if read is None:
                return None
            wanted |= read
        return frozenset(wanted & {one.key for one in table.__table__.columns})

    def _joined(self, places: Iterable[Selection], columns: Columns) -> tuple[Joined, ...]:
        found: dict[tuple[str, Hashable], Joined] = {}
        for planned in sorted(_fields(places), key=lambda one: one.name):
            if (one := self._join(planned)) is not None and one.key in columns:
                found.setdefault((one.key, one.loader), one)
        return tuple(found.values())[:MAX_JOINED]

    def _join(self, planned: PlannedField) -> Joined | None:
        batch = planned.batch
        if batch is None or batch.attribute is None or batch.loader is None:
            return None
        loader, write = batch.loader, batch.loader.write_joined
        if write is None:
            return None
        if not isinstance(loader, RowLoader):
            return Joined(batch.attribute, loader, write, loader.missing)
        columns = self._columns[loader]
        if columns is None or _is_long(loader.table, columns):
            return None
        return Joined(batch.attribute, loader, write, None, loader.table, columns)

    def _table(self, selection: Selection) -> type[Any] | None:
        kind = declared_class(selection.type)
        return kind.table if issubclass(kind, Rows) else None


def _selections(planned: PlannedField) -> list[Selection]:
    return [planned.selection] if planned.selection else [*planned.selections.values()]


def _fields(places: Iterable[Selection]) -> Iterator[PlannedField]:
    return (planned for selection in places for planned in selection.fields)


def _loaders(planned: PlannedField) -> Iterable[Loader[Any, Any]]:
    field = declared_field(planned.definition)
    if isinstance(field, RelatedByKind):
        return field.loaders.values()
    return [planned.batch.loader] if planned.batch and planned.batch.loader else []


def _needs(planned: PlannedField) -> Columns | None:
    if planned.name == "__typename":
        return frozenset()
    field = declared_field(planned.definition)
    return None if field is None else needs(field)


def _rows(planned: PlannedField) -> Iterator[Selection]:
    """Yield the selections of a page's rows in a field of its connection."""
    if planned.name == "nodes":
        yield from _selections(planned)
    if planned.name == "edges":
        for one in _fields(_selections(planned)):
            yield from _selections(one)


def _is_long(table: type[Any], columns: Columns) -> bool:
    """Return whether some are so long that a row should not be sent for each that refers to it."""
    wanted = Selected(table, columns)
    return any(one.info.get("long") for one in columns_of(table, wanted))


def select_rows(roots: Iterable[Selection]) -> Mapping[Loader[Any, Any], Selected]:
    """Set what is selected of each page, and return what is selected of each loader's rows."""
    columns = RowColumns(roots)
    columns.set_pages()
    return columns.of_loaders()
