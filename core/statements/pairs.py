"""Rows of one table, each with a row of another, or of two others."""

from collections.abc import Iterable, Iterator
from typing import Any, Generic, TypeVar, cast

from core.statements.records import part_of
from core.statements.selected import columns_of

First = TypeVar("First")
Second = TypeVar("Second")
Third = TypeVar("Third")


class Pairs(Generic[First, Second]):
    """The columns of two tables in one statement, and the pairs of rows that it returns.

    The statement selects `columns`, before any others. In an outer join, `second` can be missing:
    then its first column, which belongs to the primary key, is null.
    """

    def __init__(self, first: type[First], second: type[Second]) -> None:
        own, others = columns_of(first), columns_of(second)
        self.columns = [*own, *(one.label(f"second_{one.key}") for one in others)]
        self._from, self._to = len(own), len(self.columns)
        self._part = part_of(second, [one.key for one in others])

    def of(self, rows: Iterable[First]) -> Iterator[tuple[First, Second | None]]:
        """Yield the pairs of the rows of a statement, which are records of the first table."""
        for row in rows:
            values = cast("Any", row)[self._from : self._to]
            second = None if values[0] is None else self._part(values)
            yield row, cast("Second | None", second)


class Triples(Generic[First, Second, Third]):
    """The columns of three tables in one statement, as `Pairs`: `third` can be missing, too."""

    def __init__(self, first: type[First], second: type[Second], third: type[Third]) -> None:
        self._pairs, others = Pairs(first, second), columns_of(third)
        own = self._pairs.columns
        self.columns = [*own, *(one.label(f"third_{one.key}") for one in others)]
        self._from, self._to = len(own), len(self.columns)
        self._part = part_of(third, [one.key for one in others])

    def of(self, rows: Iterable[First]) -> Iterator[tuple[First, Second | None, Third | None]]:
        """Yield the rows of a statement, as `Pairs.of`."""
        for row, second in self._pairs.of(rows):
            values = cast("Any", row)[self._from : self._to]
            third = None if values[0] is None else self._part(values)
            yield row, second, cast("Third | None", third)
