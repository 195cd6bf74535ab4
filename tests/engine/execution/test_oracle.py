"""The executor gives the results of graphql-core, over a schema with all kinds of failures."""

import asyncio
import os
import re
from inspect import isawaitable
from types import SimpleNamespace
from typing import Any, NamedTuple

from graphql import (
    DocumentNode,
    ExecutionResult,
    OperationType,
    execute,
    get_operation_ast,
    print_schema,
)
from hypothesis import HealthCheck, given, settings
from hypothesis_graphql import mutations, queries

from engine.execution.executor import Executor
from engine.execution.plan_cache import PlanCache
from engine.strawberry_internals import graphql_schema
from tests.engine.execution.comparison import assert_equal
from tests.engine.execution.conditions import conditional, values
from tests.engine.execution.nasty import Root, create_schema, roots


def as_event(text: str) -> str:
    """Return a query of the field `being` as a subscription."""
    return re.sub(r"\bbeing\b", "changed", f"subscription {text.strip()}")


SCHEMA = create_schema()
SDL = print_schema(graphql_schema(SCHEMA))
QUERIES, MUTATIONS = queries(SDL), mutations(SDL)
# The generator knows no subscriptions. Their selections are those of a being.
EVENTS = queries(SDL, fields=["being"]).map(as_event)
OPERATIONS = conditional(QUERIES | QUERIES | MUTATIONS | EVENTS)
EXAMPLES = max(500, int(os.environ.get("FUZZ_EXAMPLES", "0")))


class Parsed(NamedTuple):
    document: DocumentNode
    plans: PlanCache


def value_of(document: DocumentNode, root: Root) -> Any:
    """Return the root value of a run. That of a subscription is the change itself, a being."""
    operation = get_operation_ast(document)
    if operation and operation.operation is OperationType.SUBSCRIPTION:
        return root.event()
    return root.again()


async def both(
    document: DocumentNode, root: Any, variables: dict[str, Any] | None = None
) -> tuple[ExecutionResult, ExecutionResult]:
    """Return the results of the executor and of graphql-core."""
    theirs = execute(
        graphql_schema(SCHEMA),
        document,
        root_value=value_of(document, root),
        variable_values=variables or {},
    )
    ours = await Executor(SCHEMA).execute(
        Parsed(document, PlanCache(document)),
        context=SimpleNamespace(locales=[]),
        variables=variables or {},
        operation_name=None,
        root_value=value_of(document, root),
    )
    return ours, await theirs if isawaitable(theirs) else theirs


@settings(max_examples=EXAMPLES, deadline=None, suppress_health_check=list(HealthCheck))
@given(document=OPERATIONS, root=roots(), variables=values())
def test_results_are_those_of_graphql_core(
    document: DocumentNode, root: Root, variables: dict[str, Any]
) -> None:
    ours, theirs = asyncio.run(both(document, root, variables))
    assert_equal(ours.formatted, theirs.formatted)
