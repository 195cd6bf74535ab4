"""The arguments of a planned field, converted once for all objects of a level."""

from collections.abc import Mapping
from typing import Any

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
        config, converter = schema.config, schema.schema_converter
        self._config, self._scalars = config, converter.scalar_registry
        self._definition, self._node = definition, node
        named = {config.name_converter.from_argument(one): one for one in field.arguments}
        self._names = {name: one.python_name for name, one in named.items()}
        self._converted = {n: one.type for n, one in named.items() if not self._is_plain(one)}
        self._constant = None if _has_variables(node) else self._coerce_constant()

    def read(self, variables: VariableValues) -> dict[str, Any]:
        """Return the arguments. Raises `GraphQLError`, and the errors of Strawberry's inputs."""
        coerced = self._coerce(variables) if self._constant is None else self._constant
        return {self._names[name]: self._convert(name, coerced[name]) for name in coerced}

    def _coerce_constant(self) -> Mapping[str, Any] | None:
        """Return the values. An invalid one fails when it is read, as the field's error."""
        try:
            return self._coerce(None)
        except Exception:  # noqa: BLE001 - raised again by `read`, where the field's path is known
            return None

    def _coerce(self, variables: VariableValues | None) -> Mapping[str, Any]:
        return get_argument_values(self._definition, self._node, variables)

    def _convert(self, name: str, value: Any) -> Any:
        if value is None or name not in self._converted:
            return value
        kind = self._converted[name]
        return convert_argument(value, kind, self._scalars, self._config, path=(name,))

    def _is_plain(self, argument: StrawberryArgument) -> bool:
        skipped = (relay.GlobalID,)
        kind = argument.type
        return _is_leaf_type(kind, self._scalars, skipped) or _is_optional_leaf_type(
            kind, self._scalars, skipped
        )


def _has_variables(node: FieldNode) -> bool:
    return any(_is_variable(one.value) for one in node.arguments or ())


def _is_variable(value: ValueNode) -> bool:
    if isinstance(value, VariableNode):
        return True
    if isinstance(value, ListValueNode):
        return any(map(_is_variable, value.values))
    if isinstance(value, ObjectValueNode):
        return any(_is_variable(one.value) for one in value.fields)
    return False
