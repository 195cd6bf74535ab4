"""The generated files that are committed match the code."""

import ast
import re
from pathlib import Path

import pytest
import strawberry
from graphql import (
    GraphQLInputObjectType,
    GraphQLSchema,
    TypeDefinitionNode,
    build_schema,
    get_named_type,
    parse,
)
from typer.testing import CliRunner

import cli
from core.settings import HOME
from engine.errors.codes import Fault
from engine.errors.conversion import ErrorCode, refusals
from engine.limits.cost import CostCalculator
from models.errors import Refusal
from tests.schema.test_descriptions import bare
from tools.artifacts import SDL, documents
from tools.doc_errors import mutations_by_code
from tools.doc_schema import cost, types_by_domain
from tools.sdl import ROOTS, domain, heading_order, sdl
from web.middleware import body_limit

HINT = "run `make schema`"
CODE = re.compile(r"[A-Z]+(_[A-Z]+)*")
INPUTS = re.compile(r"((?:`\w+`(?: and |, )?)+) (?:of|with|in|for) `(\w+)`")
PLACES = ("models", "tests")
LAYERS = ("core", "models", "services", "schema", "resolvers", "subscriptions")


def test_the_committed_schema_is_the_codes(haat: strawberry.Schema) -> None:
    assert SDL.read_text() == sdl(haat), HINT


def test_haat_schema_prints_the_committed_one() -> None:
    assert CliRunner().invoke(cli.main, ["schema"]).stdout == SDL.read_text()


def test_the_committed_schema_stands_by_itself(graph: GraphQLSchema) -> None:
    committed = build_schema(SDL.read_text())
    assert bare(committed) == []
    assert committed.type_map.keys() == graph.type_map.keys()


def test_the_schema_is_in_an_order_to_read_it_in(graph: GraphQLSchema) -> None:
    definitions = parse(SDL.read_text()).definitions
    types = [node for node in definitions if isinstance(node, TypeDefinitionNode)]
    headings = [domain(graph.type_map[node.name.value]) for node in types]
    assert tuple(headings[:3]) == ROOTS
    assert headings == sorted(headings, key=heading_order)


@pytest.mark.parametrize("name", ["errors.md", "limits.md", "schema.md", "scopes.md"])
def test_the_committed_documents_are_the_codes(haat: strawberry.Schema, name: str) -> None:
    ((path, text),) = [(path, text) for path, text in documents(haat) if path.name == name]
    assert path.read_text() == text, HINT


def test_a_remedy_names_inputs_of_the_mutation(graph: GraphQLSchema) -> None:
    """A client can send what a remedy asks for, such as “`needs` with `saveService`”."""
    assert graph.mutation_type
    mutations = graph.mutation_type.fields
    named = [
        (mutation, name)
        for refusal in Refusal.by_code.values()
        for names, mutation in INPUTS.findall(f"{refusal.meaning} {refusal.remedy}")
        for name in re.findall(r"\w+", names.replace(" and ", " "))
        if mutation in mutations
    ]
    assert ("saveService", "providers") in named
    for mutation, name in named:
        given = get_named_type(mutations[mutation].args["input"].type)
        assert isinstance(given, GraphQLInputObjectType)
        assert name in given.fields, (mutation, name)


def test_every_refusal_of_the_models_is_in_the_enum() -> None:
    declared = [one for one in Refusal.by_code.values() if one.__module__.startswith("models")]
    assert {one.code for one in declared} == set(ErrorCode)


def test_refusals_are_declared_next_to_their_rules() -> None:
    """Elsewhere they would be missing from the enum, which is built from the models."""
    assert [one for one in refusals() if one.__module__.partition(".")[0] not in PLACES] == []


def test_every_fault_is_documented() -> None:
    assert [fault for fault in Fault if not (fault.meaning and fault.remedy)] == []


# Refusals of seats, tickets, waitlists, queues and check-in, whose mutations follow.
LATER = {
    "CHART_IN_USE",
}


def test_every_code_is_returned_by_some_mutation(graph: GraphQLSchema) -> None:
    mutations = mutations_by_code(graph)
    assert {code for code, names in mutations.items() if not names} <= LATER, (
        "list the refusal in `raises` of the mutations that return it"
    )


def test_top_level_codes_are_faults() -> None:
    """No code is written as a plain string."""
    assert [place for path in sources() for place in plain_codes(path)] == []


def sources() -> list[Path]:
    return [path for layer in LAYERS for path in (HOME / layer).rglob("*.py")]


def plain_codes(path: Path) -> list[str]:
    return [
        f"{path}:{value.lineno}"
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.Dict)
        for key, value in zip(node.keys, node.values, strict=True)
        if isinstance(key, ast.Constant) and key.value == "code"
        if isinstance(value, ast.Constant) and CODE.fullmatch(str(value.value))
        if value.value != "NULL"  # of SQL, of the column that holds a gift's code
    ]


def test_limits_are_translated(haat: strawberry.Schema) -> None:
    (text,) = [text for path, text in documents(haat) if path.name == "limits.md"]
    assert f"over {body_limit.MAX_BODY_BYTES // 1024} KiB" in text


@pytest.mark.parametrize(
    ("query", "field", "expected", "price"),
    [
        ("{ viewer { name } }", "Query.viewer", "1", 1),
        ("{ categories { id } }", "Query.categories", "1 + 10 entries", 11),
        ('{ nodes(ids: ["a", "b"]) { id } }', "Query.nodes", "1 + an entry for each of `ids`", 3),
    ],
)
def test_the_documented_cost_of_a_field_is_charged(
    graph: GraphQLSchema, query: str, field: str, expected: str, price: int
) -> None:
    assert graph.query_type
    assert cost(graph.query_type.fields[field.partition(".")[2]]) == expected
    document = parse(query)
    (operation,) = document.definitions
    assert CostCalculator(graph, document, {}).cost(operation) == price  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("Offer", "Type, a Node"),
        ("Node", "Interface"),
        ("Role", "Enum"),
        ("Discount", "Union"),
        ("LogInInput", "Input"),
        ("DateTime", "Scalar"),
    ],
)
def test_the_reference_has_the_kind_of_a_type(graph: GraphQLSchema, name: str, kind: str) -> None:
    assert [
        shown.kind
        for types in types_by_domain(graph).values()
        for shown in types
        if shown.name == name
    ] == [kind]
