"""A plan is as small as its document, or the operation is refused."""

import pytest
import strawberry
from graphql import OperationDefinitionNode, get_operation_ast, specified_rules
from graphql.execution.values import VariableValues
from prometheus_client import REGISTRY

from engine.execution.compiler import MAX_PLANNED_FIELDS, Compiler
from engine.execution.plan import Plan, PlanTooLarge
from engine.limits.cost import CostCalculator
from engine.limits.document_cache import TOKENS_PER_PLANNED_FIELD, DocumentCache, ParsedDocument
from engine.limits.extension import MAX_COST
from engine.strawberry_internals import graphql_schema
from tests.client import Client
from tests.hostile.documents import DOCUMENTS

DOUBLING, _ = DOCUMENTS["fragments that double within the price"]
WIDE, _ = DOCUMENTS["fields of an interface with many types"]
NO_VARIABLES = VariableValues({}, {})


def operation_of(parsed: ParsedDocument) -> OperationDefinitionNode:
    operation = get_operation_ast(parsed.document)
    assert operation
    return operation


def plan(haat: strawberry.Schema, parsed: ParsedDocument) -> Plan:
    return Compiler(haat, parsed.document, operation_of(parsed), NO_VARIABLES).plan()


def permitted(haat: strawberry.Schema, text: str) -> ParsedDocument:
    """Return a document that all limits on documents permit."""
    schema, parsed = graphql_schema(haat), DocumentCache().read(text)
    assert parsed.violation is None
    assert parsed.validation_errors(schema, tuple(specified_rules)) == []
    assert CostCalculator(schema, parsed.document, {}).cost(operation_of(parsed)) < MAX_COST
    return parsed


def plans_made() -> float:
    return REGISTRY.get_sample_value("haat_graphql_plans_total") or 0


def test_a_fragment_that_is_spread_everywhere_is_planned_once(haat: strawberry.Schema) -> None:
    assert plan(haat, permitted(haat, DOUBLING)).size < 200  # 2,047 objects with 7 fields each


def test_a_plan_has_a_maximum_size(haat: strawberry.Schema) -> None:
    with pytest.raises(PlanTooLarge):
        plan(haat, permitted(haat, WIDE))


async def test_a_larger_operation_is_refused_and_not_planned_again(api: Client) -> None:
    assert await api.failed(WIDE) == ["QUERY_TOO_COMPLEX"]
    made = plans_made()
    response = await api.send(WIDE)
    assert f"{MAX_PLANNED_FIELDS:,} fields" in response["errors"][0]["message"]
    assert plans_made() == made


def test_plans_count_in_the_document_cache(haat: strawberry.Schema) -> None:
    cache = DocumentCache(max_tokens=25)
    first, text = cache.read("query A { __typename }"), "{ viewer { id name email role } }"
    second = cache.read(text)
    tokens = second.tokens
    made = second.plans.find(operation_of(second), NO_VARIABLES, lambda: plan(haat, second))
    assert made
    assert second.tokens == tokens + made.size * TOKENS_PER_PLANNED_FIELD
    assert cache.read(text) is second
    assert cache.read("query A { __typename }") is not first


def test_plans_of_an_evicted_document_do_not_count(haat: strawberry.Schema) -> None:
    cache = DocumentCache(max_tokens=20)
    first = cache.read("query A { __typename }")
    for name in "BCD":
        cache.read(f"query {name} {{ __typename }}")
    tokens = first.tokens
    assert first.plans.find(operation_of(first), NO_VARIABLES, lambda: plan(haat, first))
    assert first.tokens == tokens
    assert cache.read("query D { __typename }") is cache.read("query D { __typename }")
