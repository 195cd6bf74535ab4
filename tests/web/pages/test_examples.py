"""The tabs that GraphiQL opens with hold what the schema takes."""

import json

import pytest
from graphql import GraphQLSchema, OperationDefinitionNode, OperationType, parse, validate
from graphql.execution.values import get_variable_values

from demo.bookings.shown import CLOCKS, DAYS
from demo.bookings.shown import IDS as OF_BOOKINGS
from demo.events.shown import CODES
from demo.events.shown import IDS as OF_EVENTS
from demo.offers.shown import IDS as OF_OFFERS
from engine.limits.cost import CostCalculator
from engine.limits.extension import MAX_COST, MAX_EVENT_COST
from web.pages.tabs import EXAMPLES, make_tabs

IDS = {
    "vendor": "VmVuZG9yOjE=",
    "offer": "T2ZmZXI6MQ==",
    "conversation": "Q29udg==",
    "variant": "VmFyaWFudDox",
    "code": "A",
    **dict.fromkeys((*CODES, "scannerKey"), "A"),
    **dict.fromkeys(CLOCKS, "2026-11-30T09:00:00Z"),
    **dict.fromkeys(DAYS, "2026-11-30"),
    **dict.fromkeys(
        (
            "subOrder",
            "refundPart",
            "dispute",
            "payout",
            "payoutFile",
            "downloadGrant",
            "invoice",
            "pack",
            "ledgerAdjustment",
            *OF_EVENTS,
            *OF_BOOKINGS,
            *OF_OFFERS,
        ),
        "Um93OjE=",
    ),
}
TABS = make_tabs(IDS, "http://127.0.0.1:8000")


def test_each_example_has_a_tab() -> None:
    assert {tab["title"].lower() for tab in TABS} == {path.stem for path in EXAMPLES.iterdir()}


@pytest.mark.parametrize("tab", TABS, ids=lambda tab: tab["title"])
def test_example_is_valid(graph: GraphQLSchema, tab: dict[str, str]) -> None:
    document, given = parse(tab["query"]), json.loads(tab["variables"])
    assert validate(graph, document) == []
    operations = [one for one in document.definitions if isinstance(one, OperationDefinitionNode)]
    definitions = {
        one.variable.name.value: one
        for operation in operations
        for one in operation.variable_definitions or ()
    }
    used = [definitions[name] for name in given]
    found = get_variable_values(graph, used, given)
    assert not isinstance(found, list), found  # of errors


@pytest.mark.parametrize("tab", TABS, ids=lambda tab: tab["title"])
def test_each_operation_of_an_example_is_within_the_limit(
    graph: GraphQLSchema, tab: dict[str, str]
) -> None:
    document = parse(tab["query"])
    costs = CostCalculator(graph, document, json.loads(tab["variables"]))
    for one in document.definitions:
        if isinstance(one, OperationDefinitionNode) and one.name:
            is_live = one.operation is OperationType.SUBSCRIPTION
            limit = MAX_EVENT_COST if is_live else MAX_COST
            assert costs.cost(one) <= limit, one.name.value
