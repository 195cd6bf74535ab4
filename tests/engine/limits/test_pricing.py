"""Prices are kept, and depend on the variables exactly as the calculated ones do."""

from typing import Any

import pytest
from graphql import GraphQLSchema, get_operation_ast

from engine.limits import pricing
from engine.limits.cost import CostCalculator
from engine.limits.document_cache import DocumentCache
from engine.limits.pricing import MAX_PRICES, PricedOperation

PAGE = """
query (
  $first: Int = 7, $last: Int, $ids: [ID!]!, $search: String, $near: NearInput,
  $where: VendorWhere, $open: Boolean = false, $order: OfferOrder
) {
  vendors(where: $where) { nodes { id } }
  open: vendors(where: {openNow: $open}) { nodes { id } }
  offers(first: $first, search: $search, near: $near, orderBy: $order) { nodes { id } totalCount }
  other: offers(first: $last) { nodes { id vendor { name } } }
  nodes(ids: $ids) { id }
}
"""
VALUES: list[dict[str, Any]] = [
    {"ids": []},
    {"ids": ["a"]},
    {"ids": ["a", "b"], "first": 1},
    {"ids": [], "first": True},  # equal to 1, but no Int
    {"ids": [], "first": 1},
    {"ids": [], "first": 1.0},
    {"ids": [], "first": None},
    {"ids": [], "first": "1"},
    {"first": 3},
    {"ids": [], "last": 3},
    {"ids": [], "first": 3},
    {"ids": "a"},
    {"ids": [], "first": 10_000},
    {"ids": [], "first": -1},
    {"ids": [], "search": "coffee"},
    {"ids": [], "search": None},
    {"ids": [], "near": {"latitude": 1, "longitude": 1}},
    {"ids": [], "first": 5, "near": {"latitude": "x"}},
    {"ids": [], "open": True},
    {"ids": [], "order": "NEWEST"},
    {"ids": [], "order": "FOR_YOU"},
    {"ids": [], "order": "FOR_NONE"},
    {"ids": [], "order": "FOR_YOU", "near": {"latitude": 1, "longitude": 1}},
    {"ids": [], "where": {"country": "IN"}},
    {"ids": [], "where": {"openNow": True}},
    {"ids": [], "where": {"openNow": False, "near": {"latitude": 1, "longitude": 1}}},
]


def priced(graph: GraphQLSchema, text: str, name: str | None = None) -> PricedOperation:
    parsed = DocumentCache().read(text)
    operation = get_operation_ast(parsed.document, name)
    assert operation
    return parsed.priced(graph, operation)


@pytest.mark.parametrize("order", [1, -1])
def test_a_kept_price_is_the_calculated_one(graph: GraphQLSchema, order: int) -> None:
    operation = priced(graph, PAGE)
    for variables in VALUES[::order] * 2:
        calculator = CostCalculator(graph, operation._document, variables)
        expected = calculator.cost(operation._operation)
        assert operation.quote(variables, 0).cost == expected, variables


def test_a_price_is_calculated_once(graph: GraphQLSchema, monkeypatch: pytest.MonkeyPatch) -> None:
    operation = priced(graph, PAGE)
    first = operation.quote({"ids": ["a"], "search": "x"}, 0)
    monkeypatch.setattr(pricing, "CostCalculator", None)
    assert operation.quote({"ids": ["b"], "search": "y"}, 0) == first


def test_prices_are_bounded(graph: GraphQLSchema) -> None:
    operation = priced(graph, PAGE)
    for size in range(2 * MAX_PRICES):
        operation.quote({"ids": ["a"] * size}, 0)
    assert len(operation._prices) == MAX_PRICES


def test_operations_of_one_document_have_their_own_prices(graph: GraphQLSchema) -> None:
    text = "query A { __typename } query B { categories { id } }"
    parsed = DocumentCache().read(text)
    prices = []
    for name in ("A", "B"):
        operation = get_operation_ast(parsed.document, name)
        assert operation
        prices.append(parsed.priced(graph, operation).quote({}, 1).points)
    assert prices == [1, 11]
