"""Statements select the columns that a plan reads, and find rows and values with others."""

import re
from collections.abc import Iterator
from typing import Any

import pytest
from graphql import (
    GraphQLField,
    GraphQLObjectType,
    GraphQLSchema,
    get_named_type,
    is_leaf_type,
    is_required_argument,
)
from sqlmodel import col, update

from models.identity.accounts import User
from models.offers.offers import DiscountKind
from models.vendors import MemberRole, VendorMember
from tests.client import Client
from tests.factories.chat import Chat
from tests.factories.world import World
from tests.resolvers.counting import captured, statements

LIST = """{ offers { nodes {
  title likeCount vendor { name city } category { name slug } } } }"""
NESTED = """{ offers { nodes { likeCount vendor { name offers(first: 3) { title category { name }
} } } } }"""
TWICE = """{ offers { nodes { vendor { name } } edges { node { vendor { city } } } } }"""
LONG = "{ offers { nodes { vendor { FIELD } } } }"
UNASSIGNED = "{ viewer { conversations { nodes { assignee { name } user { name } } } } }"
# How the rows of a type are reached from a page or a loader, which select columns.
PATHS = {
    "Offer": "offers(first: 5) { nodes { ROW } }",
    "Vendor": "vendors(first: 5) { nodes { ROW } }",
    "Category": "vendors(first: 5) { nodes { category { ROW } } }",
    "Voucher": "viewer { vouchers(first: 5) { nodes { ROW } } }",
    "Redemption": "vendors(first: 5) { nodes { redemptions(first: 5) { nodes { ROW } } } }",
    "Member": "vendors(first: 5) { nodes { members(first: 5) { nodes { ROW } } } }",
    "User": "vendors(first: 5) { nodes { members(first: 5) { nodes { user { ROW } } } } }",
    "Conversation": "viewer { conversations(first: 5) { nodes { ROW } } }",
    "Message": "viewer { conversations { nodes { messages(first: 5) { nodes { ROW } } } } }",
    "Notification": "viewer { notifications(first: 5) { nodes { ROW } } }",
}


async def market(world: World, api: Client) -> User:
    """Return a member of a vendor with some of everything that `PATHS` lead to."""
    chat = await Chat.open(world, api)
    await chat.send(chat.customer)
    discounts: list[dict[str, Any]] = [
        {"discount_kind": DiscountKind.PERCENT, "percent": 10},
        {"discount_kind": DiscountKind.AMOUNT, "percent": None, "amount_minor": 500},
        {"discount_kind": DiscountKind.BUY_GET, "percent": None, "buy": 1, "get": 1},
        {"discount_kind": DiscountKind.FREE_ITEM, "percent": None, "free_item": {"en": "Tea"}},
    ]
    for values in discounts:
        offer = await world.offer(chat.vendor, capacity=5, **values)
        voucher = await world.voucher(offer, chat.member)
        await world.redemption(chat.vendor, voucher)
    await world.notification(chat.member)
    async with world.database.session() as session, session.begin():
        of_member = col(VendorMember.user_id) == chat.member.id
        await session.exec(update(VendorMember).where(of_member).values(role=MemberRole.OWNER))
    return chat.member


def fields(graph: GraphQLSchema, name: str) -> Iterator[str]:
    """Yield a selection of each field without required arguments."""
    type_ = graph.type_map[name]
    assert isinstance(type_, GraphQLObjectType)
    for field, definition in type_.fields.items():
        if not any(map(is_required_argument, definition.args.values())):
            yield field + _subselection(definition)


def _subselection(definition: GraphQLField) -> str:
    return "" if is_leaf_type(get_named_type(definition.type)) else " { __typename }"


async def test_each_field_declares_all_that_it_reads(
    world: World, api: Client, graph: GraphQLSchema
) -> None:
    """Alone it gets no column but those, and to read another would be an internal error."""
    client = api.signed_in(await market(world, api))
    for name, path in PATHS.items():
        for selection in fields(graph, name):
            response = await client.send(f"{{ {path.replace('ROW', selection)} }}")
            assert not response.get("errors"), (selection, response)
            assert "[]" not in str(response["data"]).partition("nodes")[2][:12], name


def selected(statement: str) -> str:
    return re.sub(r"\s+", " ", statement.partition("FROM")[0])


async def test_a_page_has_the_columns_that_are_asked_for(world: World, api: Client) -> None:
    await world.offer(await world.vendor())
    (sent,) = await statements(api, "{ offers { nodes { id title } } }")
    assert selected(sent).strip() == (
        "SELECT offer.id, offer.locale, offer.title, found.sort_key AS sort_key"
    )


async def test_rows_and_values_of_others_come_with_a_page(world: World, api: Client) -> None:
    """Two offers have one vendor, and one of them no likes."""
    vendor = await world.vendor()
    first, second = await world.offer(vendor), await world.offer(vendor)
    third = await world.offer(await world.vendor())
    await world.like(first, await world.user(), await world.user())
    await world.like(third, await world.user())
    (sent,) = await statements(api, LIST)
    assert "description" not in selected(sent)
    nodes = (await api.ask(LIST))["offers"]["nodes"]
    assert [one["title"] for one in nodes] == [one.title["en"] for one in (third, second, first)]
    assert [one["likeCount"] for one in nodes] == [1, 0, 2]
    assert [one["vendor"]["name"] == vendor.name for one in nodes] == [False, True, True]


async def test_they_come_with_children_too_in_their_order(world: World, api: Client) -> None:
    vendor = await world.vendor()
    offers = [await world.offer(vendor) for _ in range(4)]
    assert len(await statements(api, NESTED)) == 2
    nodes = (await api.ask(NESTED))["offers"]["nodes"]
    newest = [one.title["en"] for one in reversed(offers)][:3]
    assert [[one["title"] for one in node["vendor"]["offers"]] for node in nodes] == [newest] * 4


async def test_a_plan_reads_the_same_columns_of_a_row_everywhere(world: World, api: Client) -> None:
    vendor = await world.vendor()
    await world.offer(vendor)
    assert len(await statements(api, TWICE)) == 1
    found = (await api.ask(TWICE))["offers"]
    assert found["nodes"][0]["vendor"] == {"name": vendor.name}
    assert found["edges"][0]["node"]["vendor"] == {"city": vendor.city}


async def test_a_missing_row_is_null_without_a_statement(world: World, api: Client) -> None:
    chat = await Chat.open(world, api)
    client = api.signed_in(chat.customer)
    with captured() as sent:
        nodes = (await client.ask(UNASSIGNED))["viewer"]["conversations"]["nodes"]
    assert nodes == [{"assignee": None, "user": {"name": chat.customer.name}}]
    assert not [one for one, _ in sent if one.startswith('SELECT "user"') and "ANY" in one]


@pytest.mark.parametrize(("field", "count"), [("name", 1), ("description", 2)])
async def test_long_texts_are_not_sent_again_with_each_row(
    world: World, api: Client, field: str, count: int
) -> None:
    vendor = await world.vendor()
    for _ in range(3):
        await world.offer(vendor)
    sent = await statements(api, LONG.replace("FIELD", field))
    assert len(sent) == count
