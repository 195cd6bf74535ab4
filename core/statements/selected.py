"""Which columns of its rows a statement selects, and what it finds with each of them."""

from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass
from itertools import chain
from operator import itemgetter
from typing import Any

from sqlalchemy import ColumnElement, Join, Select, SQLColumnExpression, select, true

from core.statements.records import FOUND, part_of

Columns = frozenset[str]
AnySelect = Select[*tuple[Any, ...]]
Match = Callable[[SQLColumnExpression[Any]], ColumnElement[bool]]


@dataclass(frozen=True)
class Joined:
    """A row or a value that is found with each row, by the row's column `key`.

    `write` selects it, by the condition on its own key that it is given. It is a row of `table`
    with these `columns`, or, without a table, the value in the second column. `missing` stands for
    one that is not found. `loader` is the one that would otherwise load it.
    """

    key: str
    loader: Hashable
    write: Callable[[Match, Columns | None], AnySelect]
    missing: Any
    table: type[Any] | None = None
    columns: Columns | None = None


@dataclass(frozen=True)
class Selected:
    """The columns to select of the rows of a table, and what is found with each row."""

    table: type[Any]
    columns: Columns
    joined: tuple[Joined, ...] = ()


def columns_of(table: type[Any], selected: Selected | None = None, *more: str) -> list[Any]:
    """Return the columns to read of a table: all, or those selected and `more`."""
    columns = [one for one in table.__table__.columns if not one.info.get("unread")]
    if selected is None:
        return columns
    return [one for one in columns if one.key in selected.columns or one.key in more]


def select_columns(table: type[Any], *more: Any, selected: Selected | None = None) -> AnySelect:
    """Select a table's columns, and `more`."""
    return select(*columns_of(table, selected), *more)


def join(
    rows: AnySelect,
    selected: Selected | None,
    order: Sequence[str] = (),
    *,
    descending: bool = False,
) -> AnySelect:
    """Add what is found with the rows, as the last columns.

    The rows are found first, as without it: a list reads the index of its order up to its limit.
    A table that the rows are joined with by the same key is read there, and not again. `order`
    names the columns that they are ordered by.
    """
    if selected is None or not selected.joined:
        return rows
    read = {
        number: [column.label(f"found{number}_{column.key}") for column in _columns(one)]
        for number, one in enumerate(selected.joined)
        if _is_joined(rows, one)
    }
    width = len(rows.selected_columns)
    page = rows.add_columns(*chain.from_iterable(read.values())).subquery("page")
    tables: Any = page
    added: list[Any] = []
    for number, one in enumerate(selected.joined):
        if number in read:
            added += [page.c[label.name] for label in read[number]]
            continue
        found = one.write(_equals(page.c[one.key]), one.columns).lateral(f"found{number}")
        tables = tables.outerjoin(found, true())
        if one.table is None:
            added.append(found.c[1].label(f"{found.name}_value"))
        else:
            added += [column.label(f"{found.name}_{column.key}") for column in found.c]
    directions = (page.c[name].desc() if descending else page.c[name].asc() for name in order)
    return select(*[*page.c][:width], *added).select_from(tables).order_by(*directions)


def _is_joined(rows: AnySelect, one: Joined) -> bool:
    """Return whether the rows are joined with the row that would be found."""
    if one.table is None:
        return False
    table = one.table.__table__
    is_found = table.c.id == rows.selected_columns[one.key]
    return any(
        isinstance(joined, Join)
        and joined.right.compare(table)
        and joined.onclause is not None
        and joined.onclause.compare(is_found)
        for joined in rows.get_final_froms()
    )


def _equals(key: SQLColumnExpression[Any]) -> Match:
    return lambda column: column == key


class FoundWithRows:
    """Takes from the rows of a statement what a join has found with them."""

    __slots__ = ("_get", "_key", "_missing", "_part")

    def __init__(self, joined: Joined, key: int, start: int, names: Sequence[str]) -> None:
        self._key, self._missing = itemgetter(key), joined.missing
        self._part = None if joined.table is None else part_of(joined.table, names)
        place = start if self._part is None else slice(start, start + len(names))
        self._get = itemgetter(place)

    def take(self, rows: Sequence[Any]) -> list[Any]:
        """Return what was found with each row: for equal keys the same object, for no key None."""
        keys, part, missing = [*map(self._key, rows)], self._part, self._missing
        if part is None:
            found = zip(keys, map(self._get, rows), strict=True)
            return [missing if one is None and key is not None else one for key, one in found]
        by_key = {key: self._get(row) for key, row in dict(zip(keys, rows, strict=True)).items()}
        # The first column is the id.
        parts = {key: missing if one[0] is None else part(one) for key, one in by_key.items()}
        parts[None] = None
        return [parts[key] for key in keys]


def found_with_rows(
    selected: Selected | None, names: Sequence[str]
) -> dict[tuple[str, Hashable], FoundWithRows]:
    """Return how to read the last columns, by the key in a row and the loader."""
    if selected is None:
        return {}
    found: dict[tuple[str, Hashable], FoundWithRows] = {}
    joined = [(one, _names(one)) for one in selected.joined]
    start = len(names) - sum(len(own) for _, own in joined)
    for one, own in joined:
        found[one.key, one.loader] = FoundWithRows(one, names.index(one.key), start, own)
        start += len(own)
    return found


def take_found(rows: Sequence[Any], key: str, loader: Hashable) -> list[Any] | None:
    """Return what a join has found with each row, which the loader would find by the rows' key.

    None if they are not the rows of one statement that has found it.
    """
    kinds = set(map(type, rows))
    if len(kinds) != 1:
        return None
    found: FoundWithRows | None = getattr(kinds.pop(), FOUND, {}).get((key, loader))
    return None if found is None else found.take(rows)


def _names(joined: Joined) -> list[str]:
    return ["value"] if joined.table is None else [column.key for column in _columns(joined)]


def _columns(joined: Joined) -> list[Any]:
    table: Any = joined.table
    return columns_of(table, Selected(table, joined.columns or frozenset()))
