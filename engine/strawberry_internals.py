"""Access to private attributes of Strawberry, which pyproject.toml pins exactly.

Every test in tests/web fails if an upgrade renames them.
"""

from typing import Any

from graphql import GraphQLSchema
from strawberry.schema import BaseSchema
from strawberry.types import ExecutionContext


def graphql_schema(schema: BaseSchema) -> GraphQLSchema:
    schema_: Any = schema
    found: GraphQLSchema = schema_._schema  # noqa: SLF001
    return found


def requested_operation_name(execution: ExecutionContext) -> str | None:
    """Return the name that the client sent. `operation_name` defaults to the first operation's."""
    return execution._provided_operation_name  # noqa: SLF001
