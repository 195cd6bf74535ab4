"""The least arguments of a root field that are valid, with ids of existing rows."""

from collections.abc import Callable, Mapping
from typing import Any

from graphql import (
    GraphQLArgument,
    GraphQLEnumType,
    GraphQLField,
    GraphQLInputField,
    GraphQLInputObjectType,
    GraphQLInputType,
    GraphQLList,
    GraphQLNonNull,
    Undefined,
    get_named_type,
    get_nullable_type,
)

from engine.ids import ID_OF

Given = Mapping[str, Any]
IdOf = Callable[[str], str]


class LeastArguments:
    """Makes arguments. `by_name` are values by the name of an argument or an input's field."""

    def __init__(self, id_of: IdOf, by_name: Given, by_type: Given) -> None:
        self._id_of, self._by_name, self._by_type = id_of, by_name, by_type

    def of(self, field: GraphQLField, changes: Given) -> dict[str, Any]:
        """Return the required arguments of a field. Changes replace and add fields of an input."""
        made = {name: self._value(name, one) for name, one in field.args.items() if _needed(one)}
        if "input" in field.args:
            return {"input": {**made.get("input", {}), **changes}}
        return {**made, **changes}

    def _value(self, name: str, one: GraphQLArgument | GraphQLInputField) -> Any:
        declared = one.extensions.get("strawberry-definition")
        id_type = getattr(declared, "metadata", {}).get(ID_OF)
        return self._of_type(name, one.type, id_type)

    def _of_type(self, name: str, kind: GraphQLInputType, id_type: str | None) -> Any:
        bare = get_nullable_type(kind)
        if isinstance(bare, GraphQLList) and name not in self._by_name:
            return [self._of_type(name, bare.of_type, id_type)]
        named = get_named_type(kind)
        if isinstance(named, GraphQLInputObjectType):
            fields = named.fields.items()
            return {inner: self._value(inner, one) for inner, one in fields if _needed(one)}
        if id_type:
            return self._id_of(id_type)
        if isinstance(named, GraphQLEnumType):
            return next(iter(named.values))
        return self._by_name.get(name, self._by_type.get(named.name))


def _needed(one: GraphQLArgument | GraphQLInputField) -> bool:
    return isinstance(one.type, GraphQLNonNull) and one.default_value is Undefined
