"""The arguments of a planned field, converted once for all objects of a level."""

from collections.abc import Hashable, Mapping
from functools import lru_cache
from typing import Any, cast

from graphql import (
    FieldNode,
    GraphQLField,
    ListValueNode,
    ObjectValueNode,
    ValueNode,
    VariableNode,
)
from graphql.execution.values import VariableValues, get_argument_values
from strawberry import relay
from strawberry.schema import BaseSchema
from strawberry.types.arguments import (
    StrawberryArgument,
    _is_leaf_type,
    _is_optional_leaf_type,
    convert_argument,
)
from strawberry.types.field import StrawberryField


class Arguments:
    """Reads the values of a field's arguments by their Python names.

    Values without variables are read when the operation is planned. Scalars and enums are used as
    graphql-core gives them; Strawberry converts inputs, lists and ids.
    """

    def __init__(
        self, schema: BaseSchema, field: StrawberryField, definition: GraphQLField, node: FieldNode
    ) -> None:
        self._config, self._scalars = schema.config, schema.schema_converter.scalar_registry
        self._definition, self._node = definition, node
        self._names, self._converted = _signature(cast("Hashable", schema), field)
        self._variables = _variables(node)
        # The values if no variable is given. None if one is part of a value.
        self._unset = None if _has_variables_within(node) else self._coerce_unset()

    def read(self, variables: VariableValues) -> dict[str, Any]:
        """Return the arguments. Raises `GraphQLError`, and the errors of Strawberry's inputs."""
        if not self._names:
            return {}
        coerced = self._read_known(variables.coerced) or self._coerce(variables)
        return {self._names[name]: self._convert(name, coerced[name]) for name in coerced}

    def _read_known(self, variables: Mapping[str, Any]) -> Mapping[str, Any] | None:
        """Return the values, with variables that were coerced with the operation.

        None if graphql-core has to decide whether a null is allowed.
        """
        if self._unset is None or not self._variables:
            return self._unset
        given = {
            name: variables[variable]
            for name, variable in self._variables.items()
            if variable in variables
        }
        return None if any(one is None for one in given.values()) else {**self._unset, **given}

    def _coerce_unset(self) -> Mapping[str, Any] | None:
        """Return the values. An invalid one fails when it is read, as the field's error."""
        try:
            return self._coerce(VariableValues({}, {}))
        except Exception:  # noqa: BLE001 - raised again by `read`, where the field's path is known
            return None

    def _coerce(self, variables: VariableValues) -> Mapping[str, Any]:
        return get_argument_values(self._definition, self._node, variables)

    def _convert(self, name: str, value: Any) -> Any:
        if value is None or name not in self._converted:
            return value
        kind = self._converted[name]
        return convert_argument(value, kind, self._scalars, self._config, path=(name,))


@lru_cache(maxsize=4_096)
def _signature(schema: Any, field: StrawberryField) -> tuple[Mapping[str, str], Mapping[str, Any]]:
    """Return the Python names of the arguments, and the types of those that Strawberry converts.

    Kept, because Strawberry evaluates the annotation at each access of a type (0.1 ms).
    """
    named = {schema.config.name_converter.from_argument(one): one for one in field.arguments}
    names = {name: one.python_name for name, one in named.items()}
    return names, {name: one.type for name, one in named.items() if not _is_plain(schema, one)}


def _is_plain(schema: BaseSchema, argument: StrawberryArgument) -> bool:
    kind, scalars = argument.type, schema.schema_converter.scalar_registry
    skipped = (relay.GlobalID,)
    return _is_leaf_type(kind, scalars, skipped) or _is_optional_leaf_type(kind, scalars, skipped)


def _variables(node: FieldNode) -> dict[str, str]:
    """Return the arguments that are variables, and their names."""
    return {
        one.name.value: one.value.name.value
        for one in node.arguments or ()
        if isinstance(one.value, VariableNode)
    }


def _has_variables_within(node: FieldNode) -> bool:
    values = (one.value for one in node.arguments or ())
    return any(_has_variables(one) for one in values if not isinstance(one, VariableNode))


def _has_variables(value: ValueNode) -> bool:
    if isinstance(value, VariableNode):
        return True
    if isinstance(value, ListValueNode):
        return any(map(_has_variables, value.values))
    if isinstance(value, ObjectValueNode):
        return any(_has_variables(one.value) for one in value.fields)
    return False
