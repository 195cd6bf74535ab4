"""Puts the response together, from the deepest levels up."""

from collections.abc import Iterator, Sequence
from typing import Any

from engine.execution.levels import Branch, ObjectLevel
from engine.execution.plan import Values


def assemble(root: ObjectLevel, branches: Sequence[Branch]) -> dict[str, Any] | None:
    """Return the data of a run whose branches were added from the root down."""
    for branch in reversed(branches):
        place_column(branch.level, branch.position, _column(branch))
        branch.levels = []  # they refer to it: in a cycle, all rows would need the collector
    (data,) = _dicts(root)
    return data


def place_column(level: ObjectLevel, position: int, column: Values) -> None:
    """Set the completed values of a field. An object becomes null with a non-null field."""
    level.columns[position] = column
    if level.selection.fields[position].non_null[0] and None in column:
        level.dead.update(index for index, value in enumerate(column) if value is None)


def _column(branch: Branch) -> Values:
    """Return the field's values, with dicts in place of objects."""
    found = _all_dicts(branch)
    field, values = branch.field, branch.values
    if branch.chosen is not None:
        found = [found[number] for number in branch.chosen]
    if field.depth == 0 and len(found) == len(values):
        return found
    if field.depth == 1 and len(values) == 1 and values[0] and len(found) == len(values[0]):
        is_null = field.non_null[1] and None in found
        return [None if is_null else found]
    remaining = iter(found)
    return [_rebuild(value, field.non_null[1:], remaining) for value in values]


def _rebuild(value: Any, non_null: tuple[bool, ...], remaining: Iterator[Any]) -> Any:
    if value is None:
        return None
    if not non_null:
        return next(remaining)
    items = [_rebuild(item, non_null[1:], remaining) for item in value]
    return None if non_null[0] and None in items else items


def _all_dicts(branch: Branch) -> list[dict[str, Any] | None]:
    levels = branch.levels
    if len(levels) == 1 and levels[0].indexes is None:
        return _dicts(levels[0])
    found: list[dict[str, Any] | None] = [None] * branch.size
    for level in levels:
        for index, one in zip(level.indexes or (), _dicts(level), strict=True):
            found[index] = one
    return found


def _dicts(level: ObjectLevel) -> list[dict[str, Any] | None]:
    if not level.columns:  # each field was skipped
        return [{} for _ in level.objects]
    found: list[dict[str, Any] | None] = [*level.selection.assemble(level.columns)]
    for index in level.dead:
        found[index] = None
    return found
