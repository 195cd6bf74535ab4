"""Completes the values of a field: converts leaves, and finds the objects of the next levels."""

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from graphql import GraphQLError, GraphQLLeafType
from graphql.pyutils import Undefined

from engine.execution.assembly import place_column
from engine.execution.field_errors import null_error
from engine.execution.leaves import NULL, coerce, column_of
from engine.execution.levels import Branch, ObjectLevel, Place
from engine.execution.plan import PLAIN, PlannedField, Selection, Values
from engine.execution.runtime_types import select

if TYPE_CHECKING:
    from engine.execution.run import Run


def place_plain(level: ObjectLevel, position: int, planned: PlannedField, values: Values) -> bool:
    """Convert and set a column of plain values, which are most. Returns False for any other."""
    types = set(map(type, values))
    if planned.convert is None or not types <= planned.plain:
        return False
    column = planned.convert(values, types)
    if column is None:
        return False
    level.columns[position] = column
    return True


def complete(run: "Run", level: ObjectLevel, position: int, values: Values) -> None:
    """Complete the values of a field, which contain no awaitables."""
    planned = level.selection.fields[position]
    if planned.leaf is not None:
        place_column(level, position, _leaves(run, level, planned, planned.leaf, values))
        return
    if not _has_no_errors(values, planned, 0):
        values = [_clean(run, level, i, planned, one, ()) for i, one in enumerate(values)]
    run.branches.append(Branch(level, position, values))


async def add_levels(run: "Run", branches: Iterable[Branch]) -> None:
    """Add the next levels of branches: one for each type of their objects."""
    for branch in branches:
        objects = branch.objects()
        if branch.field.batch is not None and branch.field.depth == 0:
            objects = _distinct(branch, objects)
        branch.size = len(objects)
        if objects:
            await _add_levels(run, branch, objects)


def _distinct(branch: Branch, objects: list[Any]) -> list[Any]:
    """Return each object once: a loader returns the same row for equal keys."""
    distinct = {id(one): one for one in objects}
    if len(distinct) == len(objects):
        return objects
    numbers = {key: number for number, key in enumerate(distinct)}
    branch.chosen = [numbers[id(one)] for one in objects]
    return list(distinct.values())


async def _add_levels(run: "Run", branch: Branch, objects: list[Any]) -> None:
    planned = branch.field
    if planned.selection is not None and _fits(planned.selection, objects):
        branch.levels = [ObjectLevel(planned.selection, objects, branch)]
        return
    selections = await select(run, planned, objects)
    found: dict[int, tuple[Selection, list[int]]] = {}
    for index, selection in enumerate(selections):
        if isinstance(selection, Selection):
            found.setdefault(id(selection), (selection, []))[1].append(index)
        else:
            for parent, place in branch.find(index):
                run.errors.add(branch.level, parent, planned, selection, place)
    for selection, indexes in found.values():
        if len(indexes) == len(objects):
            branch.levels = [ObjectLevel(selection, objects, branch)]
        else:
            some = [objects[index] for index in indexes]
            branch.levels.append(ObjectLevel(selection, some, branch, indexes))


def _fits(selection: Selection, objects: list[Any]) -> bool:
    """Return whether no object has to be asked for its type."""
    if selection.type.is_type_of is None:
        return True
    kinds = set(map(type, objects))
    return selection.rows != () and all(issubclass(kind, selection.rows) for kind in kinds)


def _leaves(
    run: "Run", level: ObjectLevel, planned: PlannedField, leaf: GraphQLLeafType, values: Values
) -> Values:
    if planned.depth == 0 and _has_no_errors(values, planned, 0):
        column = column_of(leaf)(values, set(map(type, values)))
        if column is not None:
            return column
    return [_leaf(run, level, i, planned, leaf, one, ()) for i, one in enumerate(values)]


def _leaf(
    run: "Run",
    level: ObjectLevel,
    index: int,
    planned: PlannedField,
    leaf: GraphQLLeafType,
    value: Any,
    place: Place,
) -> Any:
    """Return a converted value. An error of a non-null item makes its list null."""
    value = _clean_item(run, level, index, planned, value, place)
    if value is None:
        return None
    depth = len(place)
    if depth == planned.depth:
        try:
            return coerce(leaf, value)
        except Exception as error:  # noqa: BLE001 - becomes the field's error
            run.errors.add(level, index, planned, error, place)
            return None
    if depth + 1 == planned.depth and _has_no_errors(value, planned, depth + 1):
        column = column_of(leaf)(value, set(map(type, value)))
        if column is not None:
            return column
    items = [
        _leaf(run, level, index, planned, leaf, item, (*place, number))
        for number, item in enumerate(value)
    ]
    return None if planned.non_null[depth + 1] and None in items else items


def _has_no_errors(values: Values, planned: PlannedField, depth: int) -> bool:
    """Return whether values at a depth of the field's lists can be used as they are."""
    kinds = set(map(type, values))
    if NULL in kinds and planned.non_null[depth]:
        return False
    if not kinds <= PLAIN and _has_errors(kinds):
        return False
    if depth == planned.depth:
        return True
    lists = [one for one in values if one is not None]
    return kinds <= {list, NULL} and all(_has_no_errors(one, planned, depth + 1) for one in lists)


def _has_errors(kinds: set[type]) -> bool:
    return type(Undefined) in kinds or any(issubclass(kind, Exception) for kind in kinds)


def _clean(
    run: "Run", level: ObjectLevel, index: int, planned: PlannedField, value: Any, place: Place
) -> Any:
    """Return a value of objects with null in place of errors, which are recorded."""
    value = _clean_item(run, level, index, planned, value, place)
    if value is None or len(place) == planned.depth:
        return value
    return [
        _clean(run, level, index, planned, item, (*place, number))
        for number, item in enumerate(value)
    ]


def _clean_item(
    run: "Run", level: ObjectLevel, index: int, planned: PlannedField, value: Any, place: Place
) -> Any:
    depth = len(place)
    error: Exception | None = None
    if isinstance(value, Exception):
        error = value
    elif value is None or value is Undefined:
        if planned.non_null[depth]:
            error = null_error(planned)
    elif depth == planned.depth or type(value) is list:
        return value
    else:
        error = GraphQLError(f"Expected Iterable, but did not find one for field '{planned}'.")
    if error is not None:
        run.errors.add(level, index, planned, error, place)
    return None
