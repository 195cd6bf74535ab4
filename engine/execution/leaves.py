"""Converts the values of scalar and enum fields, a column at a time."""

import math
from collections.abc import Iterable
from functools import cache
from typing import Any

from graphql import GraphQLEnumType, GraphQLLeafType
from graphql.pyutils import Undefined, inspect

from engine.execution.plan import Column, Values
from engine.scalars import COLUMNS

MAX_INT, MIN_INT = 2**31 - 1, -(2**31)
NULL = type(None)

Types = set[type]


def coerce(leaf: GraphQLLeafType, value: Any) -> Any:
    """Convert one value as graphql-core does. Raises its errors."""
    coerced = leaf.coerce_output_value(value)
    if coerced is Undefined or coerced is None:
        name = inspect(leaf)
        raise TypeError(
            f"Expected `{name}.coerce_output_value({inspect(value)})` to return non-nullable"
            f" value, returned: {inspect(coerced)}"
        )
    return coerced


def plain_types(leaf: GraphQLLeafType) -> frozenset[type]:
    """Return the types of most values of a leaf. None of them is an error or can be awaited."""
    if isinstance(leaf, GraphQLEnumType):
        members = getattr(leaf, "wrapped_cls", None)
        return frozenset({members} if members else ())
    if leaf.coerce_output_value in COLUMNS:
        return frozenset({COLUMNS[leaf.coerce_output_value].type})
    return PLAIN_TYPES.get(leaf.name, frozenset())


@cache
def column_of(leaf: GraphQLLeafType) -> Column:
    """Return how to convert a column of this type."""
    if isinstance(leaf, GraphQLEnumType):
        return _enum(leaf)
    if leaf.coerce_output_value in COLUMNS:
        return _declared(leaf)
    return BUILT_IN.get(leaf.name) or _custom(leaf)


def _enum(leaf: GraphQLEnumType) -> Column:
    """Look names up by value: Strawberry compares each value with all members (1 µs)."""
    names: dict[Any, str | None] = {None: None}
    members: Iterable[Any] = getattr(leaf, "wrapped_cls", ())
    for member in [*members, *(one.value for one in leaf.values.values())]:
        try:
            names[member] = leaf.coerce_output_value(member)
        except Exception:  # noqa: BLE001, S112 - found again and located, value by value
            continue

    def convert(values: Values, _: Types) -> Values | None:
        try:
            return [names[value] for value in values]
        except (KeyError, TypeError):
            return None

    return convert


def _declared(leaf: GraphQLLeafType) -> Column:
    declared, one_by_one = COLUMNS[leaf.coerce_output_value], _custom(leaf)

    def convert(values: Values, types: Types) -> Values | None:
        column = declared.serialize(values) if types <= {declared.type, NULL} else None
        return one_by_one(values, types) if column is None else column

    return convert


def _custom(leaf: GraphQLLeafType) -> Column:
    coerce_value = leaf.coerce_output_value

    def convert(values: Values, _: Types) -> Values | None:
        try:
            coerced = [None if value is None else coerce_value(value) for value in values]
        except Exception:  # noqa: BLE001 - found again and located, value by value
            return None
        kinds = [*map(type, coerced)]
        if kinds.count(NULL) != [*map(type, values)].count(NULL):
            return None
        return None if type(Undefined) in kinds else coerced

    return convert


def _strings(values: Values, types: Types) -> Values | None:
    return values if types <= {str, NULL} else None


def _integers(values: Values, types: Types) -> Values | None:
    if not types <= {int, NULL}:
        return None
    known = [one for one in values if one is not None] if NULL in types else values
    fits = not known or (min(known) >= MIN_INT and max(known) <= MAX_INT)
    return values if fits else None


def _floats(values: Values, types: Types) -> Values | None:
    return values if types == {float} and all(map(math.isfinite, values)) else None


def _booleans(values: Values, types: Types) -> Values | None:
    return values if types <= {bool, NULL} else None


BUILT_IN: dict[str, Column] = {
    "String": _strings,
    "ID": _strings,
    "Int": _integers,
    "Float": _floats,
    "Boolean": _booleans,
}
PLAIN_TYPES = {
    "String": frozenset({str}),
    "ID": frozenset({str}),
    "Int": frozenset({int}),
    "Float": frozenset({float}),
    "Boolean": frozenset({bool}),
}
