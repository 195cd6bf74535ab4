"""The cost of a list is that of its executed size, however the client sends the size."""

from typing import Any

import pytest
from graphql import GraphQLSchema, get_operation_ast, parse

from engine.arguments import (
    FOR_YOU_COST,
    MESSAGE_SEARCH_COST,
    NEAR_COST,
    NEAR_ORDER_COST,
    OPEN_COST,
    PUBLIC_COUNT_COST,
    SEARCH_COST,
)
from engine.limits.cost import COUNT_COST, CostCalculator, field_metadata

IDS = [str(number) for number in range(100)]
LITERAL_IDS = str(IDS).replace("'", '"')

PAGES = [
    "{ offers(first: SIZE) { nodes { title vendor { name } } } }",
    "{ vendors(last: SIZE) { edges { node { name } } } }",
    "{ vendors(first: 10) { nodes { offers(first: SIZE) { nodes { id } } } } }",
    "{ vendors(first: SIZE) { nodes { offers(last: SIZE) { nodes { id } } } } }",
    "{ ...Page } fragment Page on Query { offers(first: SIZE) { nodes { id } } }",
    "{ deadJobs(first: SIZE) { id } }",
]
# The declaration of the variable, and the variables.
SENT: dict[str, tuple[str, dict[str, Any]]] = {
    "variable": ("$size: Int!", {"size": 100}),
    "default": ("$size: Int! = 100", {}),
    "nullable default": ("$size: Int = 100", {}),
    "float": ("$size: Int!", {"size": 100.0}),
}


def cost(graph: GraphQLSchema, query: str, variables: dict[str, Any] | None = None) -> int:
    document = parse(query)
    operation = get_operation_ast(document)
    assert operation
    return CostCalculator(graph, document, variables or {}).cost(operation)


@pytest.mark.parametrize("sent", SENT)
@pytest.mark.parametrize("page", PAGES)
def test_a_page_costs_its_executed_size(graph: GraphQLSchema, page: str, sent: str) -> None:
    declared, variables = SENT[sent]
    literal = cost(graph, page.replace("SIZE", "100"))
    assert literal > cost(graph, page.replace("SIZE", "20"))
    query = f"query ({declared}) {page.replace('SIZE', '$size')}"
    assert cost(graph, query, variables) == literal


@pytest.mark.parametrize(
    ("declared", "variables"),
    [("", {"ids": IDS}), (f" = {LITERAL_IDS}", {})],
    ids=["sent", "default"],
)
def test_nodes_cost_their_number(
    graph: GraphQLSchema, declared: str, variables: dict[str, Any]
) -> None:
    literal = cost(graph, f"{{ nodes(ids: {LITERAL_IDS}) {{ id }} }}")
    query = f"query ($ids: [ID!]!{declared}) {{ nodes(ids: $ids) {{ id }} }}"
    assert cost(graph, query, variables) == literal


@pytest.mark.parametrize("sent", [None, "x", 100.5, [1], {"a": 1}, 2**70])
def test_invalid_variables_have_a_cost(graph: GraphQLSchema, sent: object) -> None:
    query = "query ($size: Int!) { offers(first: $size) { nodes { id } } }"
    assert cost(graph, query, {"size": sent})


# Queries, and what they cost more than the first page of offers.
ORDERED = "query ($order: OfferOrder = FOR_YOU) { offers(orderBy: $order) { nodes { id } } }"
SEARCHES = [
    ('{ offers(search: "tea") { nodes { id } } }', {}, SEARCH_COST),
    ("{ offers(search: null) { nodes { id } } }", {}, 0),
    ("query ($for: String) { offers(search: $for) { nodes { id } } }", {"for": "tea"}, SEARCH_COST),
    ("query ($for: String) { offers(search: $for) { nodes { id } } }", {"for": None}, 0),
    ("query ($for: String) { offers(search: $for) { nodes { id } } }", {}, 0),
    ('query ($for: String = "tea") { offers(search: $for) { nodes { id } } }', {}, SEARCH_COST),
    ("{ offers(near: {latitude: 1, longitude: 1}) { nodes { id } } }", {}, NEAR_COST),
    (
        "{ offers(near: {latitude: 1, longitude: 1}, orderBy: NEWEST) { nodes { id } } }",
        {},
        NEAR_COST + NEAR_ORDER_COST,
    ),
    ("{ offers(orderBy: NEWEST) { nodes { id } } }", {}, 0),
    ("{ offers { totalCount nodes { id } } }", {}, PUBLIC_COUNT_COST),
    (
        "{ offers { ...Page } } fragment Page on OfferConnection { totalCount nodes { id } }",
        {},
        100,
    ),
    ("{ offers { totalCountIsExact nodes { id } } }", {}, PUBLIC_COUNT_COST),
    ("{ offers(orderBy: FOR_YOU) { nodes { id } } }", {}, FOR_YOU_COST),
    ("{ offers(orderBy: NEWEST) { nodes { id } } }", {}, 0),
    (ORDERED, {"order": "FOR_YOU"}, FOR_YOU_COST),
    (ORDERED, {"order": "NEWEST"}, 0),
    (ORDERED, {"order": None}, 0),
    (ORDERED, {}, FOR_YOU_COST),
]


HERE = {"latitude": 1, "longitude": 1}
WHERE = "query ($where: VendorWhere) { vendors(where: $where) { nodes { id } } }"
NEAR = "query ($near: NearInput) { vendors(where: {near: $near}) { nodes { id } } }"
OPEN = "query ($open: Boolean!) { vendors(where: {openNow: $open}) { nodes { id } } }"
CONDITIONS = [
    ("{ vendors(where: {near: {latitude: 1, longitude: 1}}) { nodes { id } } }", {}, NEAR_COST),
    ("{ vendors(where: {openNow: true}) { nodes { id } } }", {}, OPEN_COST),
    ("{ vendors(where: {openNow: false, near: null}) { nodes { id } } }", {}, 0),
    (WHERE, {"where": {"near": HERE, "openNow": True}}, NEAR_COST + OPEN_COST),
    (WHERE, {"where": {"country": "IN"}}, 0),
    (WHERE, {"where": None}, 0),
    (NEAR, {"near": HERE}, NEAR_COST),
    (NEAR, {"near": None}, 0),
    (OPEN, {"open": True}, OPEN_COST),
    (OPEN, {"open": False}, 0),
]


@pytest.mark.parametrize(("query", "variables", "more"), CONDITIONS)
def test_conditions_of_vendors_have_a_cost(
    graph: GraphQLSchema, query: str, variables: dict[str, Any], more: int
) -> None:
    assert cost(graph, query, variables) == cost(graph, "{ vendors { nodes { id } } }") + more


@pytest.mark.parametrize(("query", "variables", "more"), SEARCHES)
def test_searches_and_counts_have_a_cost(
    graph: GraphQLSchema, query: str, variables: dict[str, Any], more: int
) -> None:
    assert cost(graph, query, variables) == cost(graph, "{ offers { nodes { id } } }") + more


def test_counts_of_own_lists_are_cheap(graph: GraphQLSchema) -> None:
    page = cost(graph, "{ viewer { vouchers { nodes { id } } } }")
    counted = cost(graph, "{ viewer { vouchers { totalCount nodes { id } } } }")
    assert counted == page + COUNT_COST


def test_every_search_has_a_cost(graph: GraphQLSchema) -> None:
    """A new field with a text search must declare what it costs."""
    for type_ in graph.type_map.values():
        for field in getattr(type_, "fields", {}).values():
            if "search" in getattr(field, "args", {}):
                assert field_metadata(field)["argument_costs"]["search"] >= MESSAGE_SEARCH_COST


@pytest.mark.parametrize(
    ("parent", "field", "more"),
    [
        ("products { facets {", "options { count }", 400),
        ("products { facets {", "inStock", 100),
        ("promoCodes(first: 20) { nodes {", "userCount", 200),
        ("promoCodes(first: 20) { nodes {", "discounted { amountMinor }", 200),
    ],
)
def test_aggregates_have_a_cost(graph: GraphQLSchema, parent: str, field: str, more: int) -> None:
    without = cost(graph, f"{{ {parent} __typename }} }} }}")
    assert cost(graph, f"{{ {parent} __typename {field} }} }} }}") == without + more
