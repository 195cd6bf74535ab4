"""Cases of the executor that random operations rarely reach."""

from typing import Any

import pytest
import strawberry
from graphql import ExecutionResult, execute_sync, located_error, parse
from strawberry.schema import BaseSchema

from engine.execution import field_errors
from engine.execution.executor import Executor
from engine.execution.field_errors import MAX_ERRORS
from engine.execution.plan_cache import MAX_PLANS, PlanCache
from engine.strawberry_internals import graphql_schema
from tests.engine.execution.test_oracle import Parsed

CALLS: list[str] = []


@strawberry.input(one_of=True)
class Choice:
    left: strawberry.Maybe[int]
    right: strawberry.Maybe[int]


@strawberry.type
class Shelf:
    @strawberry.field
    def size(self) -> int | None:
        raise RuntimeError("unmeasured")


@strawberry.type(name="Query")
class CaseQuery:
    @strawberry.field
    def chosen(self, choice: Choice) -> int | None:
        return 1

    @strawberry.field
    def first(self, count: int = 1) -> int | None:
        return count

    @strawberry.field
    async def shelves(self) -> list[Shelf]:
        return [Shelf()] * 2


@strawberry.type(name="Mutation")
class CaseMutation:
    @strawberry.mutation
    async def add(self, name: str) -> str:
        CALLS.append(name)
        return name

    @strawberry.mutation
    async def refuse(self) -> str:
        raise RuntimeError("refused")


@pytest.fixture(scope="module")
def schema() -> BaseSchema:
    return strawberry.Schema(query=CaseQuery, mutation=CaseMutation)


async def run(
    schema: BaseSchema, text: str, parsed: Parsed | None = None, **variables: Any
) -> ExecutionResult:
    document = parse(text)
    return await Executor(schema).execute(
        parsed or Parsed(document, PlanCache(document)),
        context=None,
        variables=variables,
        operation_name=None,
        root_value=None,
    )


async def test_an_invalid_constant_argument_fails_its_field_only(schema: BaseSchema) -> None:
    text = "{ chosen(choice: {left: 1, right: 2}) first }"
    result = await run(schema, text)
    theirs = execute_sync(graphql_schema(schema), parse(text))
    assert result.data == theirs.data == {"chosen": None, "first": 1}
    assert [error.path for error in result.errors or ()] == [["chosen"]]


async def test_a_plan_is_made_for_each_value_of_a_condition(schema: BaseSchema) -> None:
    text = "query ($on: Boolean!, $n: Int!) { first(count: $n) @include(if: $on) __typename }"
    document = parse(text)
    parsed = Parsed(document, PlanCache(document))
    for on, n in [(True, 1), (False, 2), (True, 3), (False, 4)]:
        result = await run(schema, text, parsed, on=on, n=n)
        assert result.data == ({"first": n} if on else {}) | {"__typename": "Query"}
    assert len(parsed.plans) == 2


async def test_a_condition_of_another_operation_may_have_any_type(schema: BaseSchema) -> None:
    text = """
      query A($x: Boolean!) { __typename @include(if: $x) }
      query B($x: Choice!) { chosen(choice: $x) }
    """
    document = parse(text)
    result = await Executor(schema).execute(
        Parsed(document, PlanCache(document)),
        context=None,
        variables={"x": {"left": 1}},
        operation_name="B",
    )
    assert result.data == {"chosen": 1}


async def test_kept_plans_are_limited(schema: BaseSchema) -> None:
    names = [f"v{number}" for number in range(5)]
    declared = ", ".join(f"${name}: Boolean!" for name in names)
    fields = " ".join(f"{name}: first @include(if: ${name})" for name in names)
    text = f"query ({declared}) {{ {fields} __typename }}"
    document = parse(text)
    parsed = Parsed(document, PlanCache(document))
    for bits in range(2**5):
        values = {name: bool(bits >> place & 1) for place, name in enumerate(names)}
        result = await run(schema, text, parsed, **values)
        assert result.data == {name: 1 for name in names if values[name]} | {"__typename": "Query"}
    assert len(parsed.plans) == MAX_PLANS


async def test_a_missing_condition_is_an_error_of_the_operation(schema: BaseSchema) -> None:
    result = await run(schema, "query ($on: Boolean) { first @skip(if: $on) }", on=None)
    assert result.data is None
    assert result.errors


async def test_mutations_run_in_order_until_one_becomes_null(schema: BaseSchema) -> None:
    CALLS.clear()
    result = await run(schema, 'mutation { a: add(name: "a") b: add(name: "b") }')
    assert result.data == {"a": "a", "b": "b"}
    result = await run(schema, 'mutation { c: add(name: "c") refuse d: add(name: "d") }')
    assert result.data is None
    assert CALLS == ["a", "b", "c"]


async def test_an_object_at_several_places_has_an_error_at_each(schema: BaseSchema) -> None:
    result = await run(schema, "{ shelves { size } }")
    assert result.data == {"shelves": [{"size": None}, {"size": None}]}
    paths = [error.path for error in result.errors or ()]
    assert paths == [["shelves", 0, "size"], ["shelves", 1, "size"]]


async def test_introspection_is_left_to_graphql_core(schema: BaseSchema) -> None:
    result = await run(schema, "{ __schema { queryType { name } } }")
    assert result.data == {"__schema": {"queryType": {"name": "Query"}}}


@strawberry.type(name="Query")
class FailingQuery:
    @strawberry.field
    async def shelves(self) -> list[Shelf]:
        return [Shelf()] * 1_000


async def test_errors_are_limited(monkeypatch: pytest.MonkeyPatch) -> None:
    """Those after the limit are not located either, which takes longer than the field."""
    made: list[list[str | int]] = []

    def count(error: Exception, nodes: Any, path: list[str | int]) -> Any:
        made.append(path)
        return located_error(error, nodes, path)

    monkeypatch.setattr(field_errors, "located_error", count)
    result = await run(strawberry.Schema(query=FailingQuery), "{ shelves { size } }")
    assert result.data == {"shelves": [{"size": None}] * 1_000}
    assert made == [["shelves", index, "size"] for index in range(MAX_ERRORS)]
    errors = result.errors or []
    assert len(errors) == MAX_ERRORS + 1
    assert (errors[-1].extensions or {})["code"] == "QUERY_TOO_COMPLEX"
