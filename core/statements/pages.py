"""The pages and the count of a listing, by statements that are compiled once."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any, Generic, TypeVar

import asyncpg
from sqlalchemy import bindparam

from core import keyset
from core.keyset import Bound, Limit, Listing, Window
from core.statements.statement import Statement, columns_of

Row = TypeVar("Row")

# A page is read up to the next of these limits. A limit is part of the text, because a generic
# plan expects a tenth of all rows for one that is a parameter.
LIMITS = (1, 2, 6, 11, 21, 51, 101)


def limit_for(rows: int) -> int:
    """Return the limit of a statement that reads at least so many rows."""
    return next(limit for limit in LIMITS if limit >= rows)


class PageStatements(Generic[Row]):
    """The statements of a listing whose rows have parameters, compiled when they are first used."""

    def __init__(self, listing: Listing[Row]) -> None:
        self._listing = listing
        self._pages: dict[tuple[bool, bool, bool, int], Statement[Row]] = {}
        self._count: Statement[asyncpg.Record] | None = None

    def listing(self, values: Mapping[str, Any]) -> Listing[Row]:
        """Return the listing with the values of its parameters."""
        return replace(self._listing, statements=self, values=values)

    def page(self, window: Window) -> Statement[Row]:
        """Return the statement of a page, which needs the values of `bound_values` too."""
        limit = limit_for(window.size + 1)
        key = (window.after is not None, window.before is not None, window.backward, limit)
        if key not in self._pages:
            self._pages[key] = self._compile_page(window, limit)
        return self._pages[key]

    def count(self) -> Statement[asyncpg.Record]:
        if self._count is None:
            self._count = Statement(keyset.select_count(self._listing))
        return self._count

    def bound_values(self, window: Window) -> dict[str, Any]:
        """Return the places of the window's cursors. Raises `MalformedRequest` for a wrong one."""
        values: dict[str, Any] = {}
        for name, cursor in (("after", window.after), ("before", window.before)):
            if cursor is not None:
                place = self._listing.ordering.place(cursor)
                values[f"{name}_key"], values[f"{name}_id"] = place
        return values

    def _compile_page(self, window: Window, limit: int) -> Statement[Row]:
        ordering = self._listing.ordering
        first = Limit([*self._bounds(window)], window.backward, limit)
        rows = keyset.merge_parts(self._listing, first)
        table = rows.column_descriptions[0]["entity"]
        keyed = rows.with_only_columns(
            *columns_of(table), ordering.key.label("sort_key"), maintain_column_froms=True
        )
        return Statement(first.apply(keyed, ordering), table)

    def _bounds(self, window: Window) -> Iterator[Bound]:
        key, id = self._listing.ordering.key.type, self._listing.ordering.id.type
        if window.after is not None:
            yield Bound(bindparam("after_key", type_=key), bindparam("after_id", type_=id), True)
        if window.before is not None:
            yield Bound(bindparam("before_key", type_=key), bindparam("before_id", type_=id), False)
