"""A case: a schema, an operation and its data, run by the executor and by graphql-core."""

from collections.abc import Callable
from dataclasses import dataclass, field
from inspect import isawaitable
from types import SimpleNamespace
from typing import Any, cast

from graphql import ExecutionResult, GraphQLSchema, build_schema, execute, parse
from strawberry.schema import BaseSchema

from engine.execution.executor import Executor
from engine.execution.plan_cache import PlanCache
from tests.engine.execution.test_oracle import Parsed


def nothing() -> Any:
    return {}


def unchanged(_: GraphQLSchema) -> None:
    """Leave the schema as it was written."""


@dataclass(frozen=True)
class Case:
    """`root` makes new data for each run. `change` adds to the schema what SDL has no syntax for.

    A function in the data is a resolver, called with the info and the arguments.
    """

    name: str
    schema: str
    query: str
    root: Callable[[], Any] = nothing
    variables: dict[str, Any] = field(default_factory=dict)
    operation: str | None = None
    change: Callable[[GraphQLSchema], None] = unchanged


async def run(case: Case) -> tuple[ExecutionResult, ExecutionResult]:
    """Return the results of the executor and of graphql-core."""
    schema = build_schema(case.schema, assume_valid=True)
    case.change(schema)
    document = parse(case.query)
    ours = await Executor(cast("BaseSchema", SimpleNamespace(_schema=schema))).execute(
        Parsed(document, PlanCache(document)),
        context={"user": "Ada"},
        variables=case.variables,
        operation_name=case.operation,
        root_value=case.root(),
    )
    theirs = execute(
        schema, document, case.root(), {"user": "Ada"}, dict(case.variables), case.operation
    )
    return ours, await theirs if isawaitable(theirs) else theirs


def data(**values: Any) -> Callable[[], Any]:
    return lambda: values


def made(key: str, make: Callable[[], Any]) -> Callable[[], Any]:
    """Return data with a new value for each run, such as a generator."""
    return lambda: {key: make()}


def fails(message: str) -> Callable[..., Any]:
    """Return a resolver that raises."""

    def resolve(*_: Any, **__: Any) -> Any:
        raise RuntimeError(message)

    return resolve


def later(value: Any) -> Callable[..., Any]:
    """Return a resolver of an awaitable value. An exception is raised when it is awaited."""

    async def resolve(*_: Any, **__: Any) -> Any:
        if isinstance(value, Exception):
            raise value
        return value

    return resolve
