"""Makes Strawberry execute queries and mutations with the breadth-first executor."""

from collections.abc import AsyncIterator

from graphql import ExecutionResult, GraphQLError
from strawberry.extensions import SchemaExtension
from strawberry.types.graphql import OperationType

from engine.context import Context
from engine.execution.executor import Executor


class Execution(SchemaExtension):
    """Sets the result of an operation, instead of that of graphql-core."""

    async def on_execute(self) -> AsyncIterator[None]:
        if self.execution_context.operation_type is not OperationType.SUBSCRIPTION:
            self.execution_context.result = await self._execute()
        yield

    async def _execute(self) -> ExecutionResult:
        """Return the result. Strawberry would answer a fault of the executor without a code."""
        execution = self.execution_context
        context: Context = execution.context
        try:
            return await Executor(execution.schema).execute(
                context.app.document_cache.read(execution.query or ""),
                context=context,
                variables=execution.variables or {},
                operation_name=execution.operation_name,
                root_value=execution.root_value,
            )
        except Exception as error:  # noqa: BLE001 - masked and logged by `ErrorFormatter`
            return ExecutionResult(None, [GraphQLError(str(error), original_error=error)])
