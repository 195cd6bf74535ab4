"""Access to private attributes of Strawberry, which pyproject.toml pins exactly.

Every test in tests/web fails if an upgrade renames them.
"""

from typing import Any

from graphql import GraphQLField, GraphQLObjectType, GraphQLSchema
from strawberry.schema import BaseSchema
from strawberry.types import ExecutionContext
from strawberry.types.field import StrawberryField


def graphql_schema(schema: BaseSchema) -> GraphQLSchema:
    schema_: Any = schema
    found: GraphQLSchema = schema_._schema  # noqa: SLF001 - no public accessor
    return found


def requested_operation_name(execution: ExecutionContext) -> str | None:
    """Return the name that the client sent. `operation_name` defaults to the first operation's."""
    return execution._provided_operation_name  # noqa: SLF001 - no public accessor


def declared_field(field: GraphQLField) -> StrawberryField | None:
    """Return the declaration that a field of the schema was made from."""
    declared: StrawberryField | None = field.extensions.get("strawberry-definition")
    return declared


def declared_class(type_: GraphQLObjectType) -> type[Any]:
    """Return the class that a type was made from, `object` if Strawberry did not make it."""
    definition = type_.extensions.get("strawberry-definition")
    origin: type[Any] = definition.origin if definition else object
    return origin
