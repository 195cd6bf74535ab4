"""The executor gives the results of graphql-core, over a schema with all kinds of failures."""

import asyncio
from inspect import isawaitable
from types import SimpleNamespace
from typing import Any, NamedTuple

from graphql import DocumentNode, ExecutionResult, execute, parse, print_schema
from hypothesis import given, settings
from hypothesis_graphql import queries

from engine.execution.executor import Executor
from engine.execution.plan_cache import PlanCache
from engine.strawberry_internals import graphql_schema
from tests.engine.execution.comparison import assert_equal
from tests.engine.execution.nasty import Root, create_schema, roots

SCHEMA = create_schema()
OPERATIONS = queries(print_schema(graphql_schema(SCHEMA)))
EXAMPLES = 500


class Parsed(NamedTuple):
    document: DocumentNode
    plans: PlanCache


async def both(
    document: DocumentNode, root: Any, variables: dict[str, Any] | None = None
) -> tuple[ExecutionResult, ExecutionResult]:
    """Return the results of the executor and of graphql-core."""
    theirs = execute(
        graphql_schema(SCHEMA), document, root_value=root, variable_values=variables or {}
    )
    ours = await Executor(SCHEMA).execute(
        Parsed(document, PlanCache(document)),
        context=SimpleNamespace(locales=[]),
        variables=variables or {},
        operation_name=None,
        root_value=root,
    )
    return ours, await theirs if isawaitable(theirs) else theirs


@settings(max_examples=EXAMPLES, deadline=None)
@given(text=OPERATIONS, root=roots())
def test_results_are_those_of_graphql_core(text: str, root: Root) -> None:
    ours, theirs = asyncio.run(both(parse(text), root))
    assert_equal(ours.formatted, theirs.formatted)
