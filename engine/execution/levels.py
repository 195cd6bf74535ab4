"""The objects that a run has reached, and how they hang together."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from core.statements.records import places_of
from engine.execution.plan import PlannedField, Selection, Values

Place = tuple[int, ...]
"""The index of an item in each of a value's nested lists."""


class ObjectLevel:
    """Objects of one type that were reached by one field of the level above.

    `columns` has the completed values of each field of the selection. `dead` has the indexes of
    objects that became null. `indexes` are the objects' places among those of the branch; None if
    they are all of them.
    """

    __slots__ = (
        "_places",
        "_rows_by_column",
        "branch",
        "columns",
        "dead",
        "indexes",
        "objects",
        "selection",
    )

    def __init__(
        self,
        selection: Selection,
        objects: Sequence[Any],
        branch: "Branch | None" = None,
        indexes: list[int] | None = None,
    ) -> None:
        self.selection = selection
        self.objects = objects
        self.branch = branch
        self.indexes = indexes
        self.columns: list[Values] = [[]] * len(selection.fields)
        self.dead: set[int] = set()
        self._places: Mapping[str, int] | None = None
        self._rows_by_column: list[Sequence[Any]] | None = None

    def row_column(self, name: str) -> Sequence[Any] | None:
        """Return an attribute of all objects, if they are rows of one statement with this column.

        It takes a tenth of the time of reading the attribute of each object.
        """
        if self._places is None:
            self._places = places_of(self.objects)
        place = self._places.get(name)
        if place is None:
            return None
        if self._rows_by_column is None:
            self._rows_by_column = list(zip(*self.objects, strict=True))
        return self._rows_by_column[place]

    def paths(self, index: int) -> Iterator[list[str | int]]:
        """Yield the paths of an object. It has several if a loader returned it for several keys.

        They are worked out for errors only.
        """
        if self.branch is None:
            yield []
            return
        branch = self.branch
        number = index if self.indexes is None else self.indexes[index]
        for parent, place in branch.find(number):
            for path in branch.level.paths(parent):
                yield [*path, branch.field.key, *place]


class Branch:
    """The values of one field of one level, whose objects make up the next levels.

    `values` has one value for each object of the level, with lists as deep as the field's type.
    `chosen` maps the objects in these values to the distinct ones; None if all are distinct.
    """

    __slots__ = ("_found", "chosen", "field", "level", "levels", "position", "size", "values")

    def __init__(self, level: ObjectLevel, position: int, values: Values) -> None:
        self.level = level
        self.position = position
        self.field: PlannedField = level.selection.fields[position]
        self.values = values
        self.chosen: list[int] | None = None
        self.levels: list[ObjectLevel] = []
        self.size = 0
        self._found: dict[int, list[tuple[int, Place]]] | None = None

    def objects(self) -> list[Any]:
        """Return all objects of the values, in order."""
        found = self.values
        for _ in range(self.field.depth):
            found = [item for one in found if one is not None for item in one]
        return [one for one in found if one is not None]

    def find(self, number: int) -> list[tuple[int, Place]]:
        """Return the places of an object: the index of its parent, and those in its lists."""
        if self._found is None:  # once, because thousands of objects can fail
            self._found = self._find_all()
        return self._found[number]

    def _find_all(self) -> dict[int, list[tuple[int, Place]]]:
        found: dict[int, list[tuple[int, Place]]] = defaultdict(list)
        places = (
            (parent, place)
            for parent, value in enumerate(self.values)
            for place in _places(value, self.field.depth)
        )
        for position, place in enumerate(places):
            found[position if self.chosen is None else self.chosen[position]].append(place)
        return found


def _places(value: Any, depth: int) -> Iterator[Place]:
    if value is None:
        return
    if depth == 0:
        yield ()
        return
    for index, item in enumerate(value):
        for place in _places(item, depth - 1):
            yield (index, *place)
