"""The pages and the count of a listing, by statements that are compiled once."""

from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property, lru_cache
from typing import Any, Generic, TypeVar

import asyncpg
from sqlalchemy import bindparam

from core import keyset
from core.keyset import Bound, Limit, Listing, Window
from core.statements.selected import Selected, columns_of, join
from core.statements.statement import Statement

Row = TypeVar("Row")

# A page is read up to the next of these limits. A limit is part of the text, because a generic
# plan expects a tenth of all rows for one that is a parameter.
LIMITS = (1, 2, 6, 11, 21, 51, 101)
# Statements of all lists that are kept: each selection of columns has its own. One that was dropped
# is compiled again, which takes a few milliseconds.
MAX_PAGES = 1_024


def limit_for(rows: int) -> int:
    """Return the limit of a statement that reads at least so many rows."""
    return next(limit for limit in LIMITS if limit >= rows)


class PageStatements(Generic[Row]):
    """The statements of a listing whose rows have parameters, compiled when they are first used."""

    def __init__(self, listing: Listing[Row]) -> None:
        self._listing = listing
        self._given = {**vars(listing), "statements": self}

    def listing(self, values: Mapping[str, Any], topics: Sequence[str] = ()) -> Listing[Row]:
        """Return the listing with the values of its parameters."""
        made = type(self._listing)  # with `replace`, this took a hundredth of the time of a list
        return made(**{**self._given, "values": values, "topics": topics})

    def page(self, window: Window, selected: Selected | None = None) -> Statement[Row]:
        """Return the statement of a page, which needs the values of `bound_values` too."""
        has_bounds = window.after is not None, window.before is not None
        limit = limit_for(window.size + 1)
        statement: Statement[Row] = _page(self, has_bounds, window.backward, limit, selected)
        return statement

    @cached_property
    def count(self) -> Statement[asyncpg.Record]:
        return Statement(keyset.select_count(self._listing))

    def bound_values(self, window: Window) -> dict[str, Any]:
        """Return the places of the window's cursors. Raises `MalformedRequest` for a wrong one."""
        values: dict[str, Any] = {}
        for name, cursor in (("after", window.after), ("before", window.before)):
            if cursor is not None:
                place = self._listing.ordering.place(cursor)
                values[f"{name}_key"], values[f"{name}_id"] = place
        return values

    def compile_page(
        self, has_bounds: tuple[bool, bool], backward: bool, limit: int, selected: Selected | None
    ) -> Statement[Row]:
        """Compile the statement of a page with these columns, if they are those of its table."""
        ordering = self._listing.ordering
        first = Limit([*self._bounds(*has_bounds)], backward, limit)
        merged = keyset.merge(self._listing, first)
        rows, table = merged.rows, merged.rows.column_descriptions[0]["entity"]
        if selected is not None and selected.table is not table:
            selected = None
        keyed = rows.with_only_columns(
            *columns_of(table, selected),
            merged.ordering.key.label("sort_key"),
            maintain_column_froms=True,
        )
        descending = ordering.descending != backward
        joined = join(
            merged.limit.apply(keyed, merged.ordering),
            selected,
            ("sort_key", "id"),
            descending=descending,
        )
        return Statement(joined, table, selected)

    def _bounds(self, after: bool, before: bool) -> Iterator[Bound]:
        key, id = self._listing.ordering.key.type, self._listing.ordering.id.type
        if after:
            yield Bound(bindparam("after_key", type_=key), bindparam("after_id", type_=id), True)
        if before:
            yield Bound(bindparam("before_key", type_=key), bindparam("before_id", type_=id), False)


@lru_cache(maxsize=MAX_PAGES)
def _page(
    statements: PageStatements[Any],
    has_bounds: tuple[bool, bool],
    backward: bool,
    limit: int,
    selected: Selected | None,
) -> Statement[Any]:
    return statements.compile_page(has_bounds, backward, limit, selected)
