"""The errors of fields, with their paths."""

from graphql import GraphQLError, located_error

from engine.errors.codes import Fault
from engine.execution.levels import ObjectLevel, Place
from engine.execution.plan import PlannedField

MAX_ERRORS = 100

Path = tuple[str | int, ...]


class FieldErrors:
    """Collects the errors that the response contains (GraphQL specification, section 6.4.4).

    Those below a position that an earlier one made null are left out. So are those after the first
    hundred: a field that fails for each of thousands of objects would take seconds to report.
    """

    def __init__(self) -> None:
        self._found: list[GraphQLError] = []
        self._nulled: set[Path] = set()
        self._is_full = False

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
        if self._is_full:
            return
        for path in level.paths(index):
            full = [*path, field.key, *place]
            nulled = tuple(full[: _nulled_length(level, field, place, full)])
            if any(nulled[:length] in self._nulled for length in range(len(nulled) + 1)):
                continue
            if len(self._found) == MAX_ERRORS:
                self._is_full = True
                return
            self._nulled.add(nulled)
            self._found.append(located_error(error, field.nodes, full))

    def reported(self) -> list[GraphQLError]:
        """Return the errors, and one more if some were left out."""
        return [*self._found, _too_many()] if self._is_full else self._found


def _too_many() -> GraphQLError:
    return GraphQLError(
        f"More than {MAX_ERRORS} fields failed. The errors of the others are left out.",
        extensions={"code": Fault.QUERY_TOO_COMPLEX},
    )


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
