"""The errors of fields, with their paths."""

from graphql import GraphQLError, located_error

from engine.execution.levels import ObjectLevel, Place
from engine.execution.plan import PlannedField

Path = tuple[str | int, ...]


class FieldErrors:
    """Collects errors, and leaves out those below a position that an earlier one made null."""

    def __init__(self) -> None:
        self._found: list[tuple[Path, GraphQLError]] = []

    def add(
        self,
        level: ObjectLevel,
        index: int,
        field: PlannedField,
        error: Exception,
        place: Place = (),
    ) -> None:
        """Add the error of a field of an object; `place` is the item's place in the field's lists.

        An object that several parents share has one error for each path to it.
        """
        for path in level.paths(index):
            full = [*path, field.key, *place]
            located = located_error(error, field.nodes, full)
            self._found.append((tuple(full[: _nulled_length(level, field, place, full)]), located))

    def reported(self) -> list[GraphQLError]:
        """Return the errors that the response contains (GraphQL specification, section 6.4.4)."""
        nulled: set[Path] = set()
        reported = []
        for position, error in self._found:
            if not any(position[:length] in nulled for length in range(len(position) + 1)):
                nulled.add(position)
                reported.append(error)
        return reported


def null_error(field: PlannedField) -> TypeError:
    return TypeError(f"Cannot return null for non-nullable field {field}.")


def _nulled_length(
    level: ObjectLevel, field: PlannedField, place: Place, path: list[str | int]
) -> int:
    """Return the length of the part of a path that becomes null: the nearest nullable position."""
    length, depth = len(path), len(place)
    while True:
        for non_null in reversed(field.non_null[: depth + 1]):
            if not non_null:
                return length
            length -= 1
        if level.branch is None:
            return 0
        field, level = level.branch.field, level.branch.level
        depth = field.depth
