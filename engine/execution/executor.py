"""Executes operations, breadth first, on plans that are kept with their documents."""

from collections.abc import Callable, Mapping
from functools import lru_cache
from inspect import isawaitable
from typing import Any, Protocol, cast

from graphql import DocumentNode, ExecutionResult, GraphQLError, execute, get_operation_ast
from graphql.execution.values import VariableValues, get_variable_values
from strawberry.execution import optimized_is_awaitable
from strawberry.schema import BaseSchema

from engine.execution.compiler import Compiler
from engine.execution.plan import Plan
from engine.execution.plan_cache import PlanCache
from engine.execution.run import Run
from engine.strawberry_internals import graphql_schema

MAX_COERCION_ERRORS = 50  # graphql-core's


class PlannedDocument(Protocol):
    """A valid document, with the plans of its operations."""

    @property
    def document(self) -> DocumentNode: ...

    @property
    def plans(self) -> PlanCache: ...


class Executor:
    """Executes the operations of one schema."""

    def __init__(self, schema: BaseSchema) -> None:
        self._strawberry = schema
        self._schema = graphql_schema(schema)

    async def execute(
        self,
        parsed: PlannedDocument,
        *,
        context: Any,
        variables: Mapping[str, Any],
        operation_name: str | None,
        root_value: Any = None,
    ) -> ExecutionResult:
        """Return the result of the operation with this name, or of the only one.

        That of a subscription is the result for one change, the `root_value`.
        """
        operation = get_operation_ast(parsed.document, operation_name)
        if operation is None:
            return ExecutionResult(None, [GraphQLError("There is no such operation.")])
        coerced = get_variable_values(
            self._schema,
            operation.variable_definitions or (),
            dict(variables),
            max_errors=MAX_COERCION_ERRORS,
        )
        if isinstance(coerced, list):
            return ExecutionResult(None, coerced)

        def make() -> Plan:
            return Compiler(self._strawberry, parsed.document, operation, coerced).plan()

        try:
            plan = parsed.plans.find(operation, coerced, make)
        except GraphQLError as error:  # a condition without a value
            return ExecutionResult(None, [error])
        if plan is not None:
            return await self._run(plan, context, coerced, root_value)
        result = execute(
            self._schema,
            parsed.document,
            root_value,
            context,
            dict(variables),
            operation_name,
            is_awaitable=cast("Any", optimized_is_awaitable),
        )
        return await result if isawaitable(result) else result

    async def _run(
        self, plan: Plan, context: Any, variables: VariableValues, root_value: Any
    ) -> ExecutionResult:
        data: dict[str, Any] = {}
        errors: list[GraphQLError] = []
        for selection in plan.roots:
            run = Run(self._schema, plan, context, variables, root_value)
            found = await run.execute(selection)
            errors += run.errors.reported()
            if found is None:
                return ExecutionResult(None, errors)
            data |= found
        return ExecutionResult(data, errors or None)


# A schema has one executor, because it keeps nothing of a request.
executor_of = cast("Callable[[BaseSchema], Executor]", lru_cache(Executor))
