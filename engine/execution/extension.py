"""Makes Strawberry execute queries and mutations with the breadth-first executor."""

from collections.abc import AsyncIterator, Mapping
from typing import Any

from graphql import ExecutionResult, GraphQLError
from strawberry.extensions import SchemaExtension
from strawberry.schema import BaseSchema
from strawberry.types.graphql import OperationType

from engine.context import Context
from engine.execution.executor import PlannedDocument, executor_of


class Execution(SchemaExtension):
    """Sets the result of an operation, instead of that of graphql-core."""

    async def on_execute(self) -> AsyncIterator[None]:
        execution = self.execution_context
        if execution.operation_type is not OperationType.SUBSCRIPTION:
            context: Context = execution.context
            execution.result = await execute(
                execution.schema,
                context.app.document_cache.read(execution.query or ""),
                context,
                execution.variables or {},
                execution.operation_name,
            )
        yield


async def execute(
    schema: BaseSchema,
    parsed: PlannedDocument,
    context: Context,
    variables: Mapping[str, Any],
    operation_name: str | None,
) -> ExecutionResult:
    """Return the result of a query or mutation. `ErrorFormatter` masks a fault of the executor."""
    try:
        return await executor_of(schema).execute(
            parsed, context=context, variables=variables, operation_name=operation_name
        )
    except Exception as error:  # noqa: BLE001 - masked and logged by `ErrorFormatter`
        return ExecutionResult(None, [GraphQLError(str(error), original_error=error)])
