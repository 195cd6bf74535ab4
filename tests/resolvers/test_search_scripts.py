"""Every search of the API finds the texts of every script."""

import tomllib
from collections.abc import Awaitable, Callable
from functools import cache
from typing import Any

import pytest
from graphql import GraphQLInputObjectType, GraphQLSchema

from core.settings import HOME
from models.identity.accounts import Role
from models.offers.offers import DiscountKind
from tests.client import Client, gid
from tests.factories.chat import Chat
from tests.factories.world import World
from tests.resolvers.browsing import OFFERS, VENDORS

MESSAGES = "query ($search: String!) { viewer { messages(search: $search) { nodes { id } } } }"
PRODUCTS = "query ($search: String!) { products(search: $search) { nodes { id } } }"
USERS = "query ($search: String!) { users(search: $search) { nodes { id } } }"
EVENTS = "query ($search: String!) { events(search: $search) { nodes { id } } }"
SERVICES = """query ($vendorId: ID!, $search: String!) {
  services(vendorId: $vendorId, search: $search) { nodes { id } }
}"""
FACETS = """query ($search: String!) {
  facets(by: [KIND], search: $search) { values { kind count } }
}"""
OTHER = "zzzz"  # in texts that no search of the corpus finds

Search = Callable[[str], Awaitable[list[str]]]


@cache
def corpus() -> list[dict[str, Any]]:
    texts = (HOME / "tests" / "search_corpus.toml").read_text()
    return list(tomllib.loads(texts)["text"])


def cases() -> list[Any]:
    return [pytest.param(one["text"], one["queries"], id=one["script"]) for one in corpus()]


async def search_offers(world: World, api: Client, text: str) -> tuple[str, Search]:
    vendor = await world.vendor(name=OTHER, city=OTHER)
    offer = await world.offer(vendor, title={"en": text})
    await world.offer(vendor, title={"en": OTHER})

    async def search(query: str) -> list[str]:
        by_order = []
        for order in ("RELEVANCE", "NEWEST", "ENDING_SOON"):
            found = await api.ask(OFFERS, search=query, orderBy=order)
            by_order.append([node["id"] for node in found["offers"]["nodes"]])
        assert by_order[0] == by_order[1] == by_order[2]
        return by_order[0]

    return gid(offer), search


async def search_vendors(world: World, api: Client, text: str) -> tuple[str, Search]:
    vendor = await world.vendor(name=text, city=OTHER)
    await world.vendor(name=OTHER, city=OTHER)

    async def search(query: str) -> list[str]:
        found = await api.ask(VENDORS, search=query)
        return [node["id"] for node in found["vendors"]["nodes"]]

    return gid(vendor), search


async def search_messages(world: World, api: Client, text: str) -> tuple[str, Search]:
    chat = await Chat.open(world, api)
    sent = await chat.send(chat.customer, text)
    await chat.send(chat.customer, OTHER)
    client = api.signed_in(chat.member)

    async def search(query: str) -> list[str]:
        found = await client.ask(MESSAGES, search=query)
        return [node["id"] for node in found["viewer"]["messages"]["nodes"]]

    return sent["id"], search


async def search_users(world: World, api: Client, text: str) -> tuple[str, Search]:
    user = await world.user(name=text)
    admin = await world.user(name=OTHER, role=Role.ADMIN)
    client = api.signed_in(admin)

    async def search(query: str) -> list[str]:
        found = await client.ask(USERS, search=query)
        return [node["id"] for node in found["users"]["nodes"]]

    return gid(user), search


async def search_products(world: World, api: Client, text: str) -> tuple[str, Search]:
    vendor = await world.vendor(name=OTHER, city=OTHER)
    product = await world.product(vendor, title={"en": text})
    await world.product(vendor, title={"en": OTHER})

    async def search(query: str) -> list[str]:
        found = await api.ask(PRODUCTS, search=query)
        return [node["id"] for node in found["products"]["nodes"]]

    return gid(product), search


async def search_events(world: World, api: Client, text: str) -> tuple[str, Search]:
    vendor = await world.vendor(name=OTHER, city=OTHER)
    event = await world.event(vendor, title={"en": text})
    for one in (event, await world.event(vendor, title={"en": OTHER})):
        await world.event_date(one)

    async def search(query: str) -> list[str]:
        found = await api.ask(EVENTS, search=query)
        return [node["id"] for node in found["events"]["nodes"]]

    return gid(event), search


async def search_services(world: World, api: Client, text: str) -> tuple[str, Search]:
    vendor = await world.vendor(name=OTHER, city=OTHER)
    staff = await world.resource(vendor)
    service = await world.service(vendor, staff, name={"en": text})
    await world.service(vendor, staff, name={"en": OTHER})

    async def search(query: str) -> list[str]:
        found = await api.ask(SERVICES, vendorId=gid(vendor), search=query)
        return [node["id"] for node in found["services"]["nodes"]]

    return gid(service), search


async def count_offers(world: World, api: Client, text: str) -> tuple[str, Search]:
    # The offer has another kind of discount, so it is not counted with the other.
    vendor = await world.vendor(name=OTHER, city=OTHER)
    offer = await world.offer(vendor, title={"en": text})
    of_amount = {"discount_kind": DiscountKind.AMOUNT, "percent": None, "amount_minor": 100}
    await world.offer(vendor, title={"en": OTHER}, **of_amount)

    async def search(query: str) -> list[str]:
        (facet,) = (await api.ask(FACETS, search=query))["facets"]
        kinds = {one["kind"]: one["count"] for one in facet["values"]}
        return [gid(offer)] if kinds == {"PERCENT": 1} else []

    return gid(offer), search


SEARCHES = {
    ("Query", "facets"): count_offers,
    ("Query", "events"): search_events,
    ("Query", "users"): search_users,
    ("Query", "offers"): search_offers,
    ("Query", "products"): search_products,
    ("Query", "services"): search_services,
    ("Query", "vendors"): search_vendors,
    ("User", "messages"): search_messages,
}


def test_every_search_has_a_test(graph: GraphQLSchema) -> None:
    """A new field with a text search must find the corpus."""
    searches = {
        (type_.name, name)
        for type_ in graph.type_map.values()
        if not isinstance(type_, GraphQLInputObjectType)
        for name, field in getattr(type_, "fields", {}).items()
        if "search" in getattr(field, "args", {}) or "search" in getattr(field.type, "fields", {})
    }
    assert searches == set(SEARCHES)


@pytest.mark.parametrize("place", SEARCHES, ids=".".join)
@pytest.mark.parametrize(("text", "queries"), cases())
async def test_a_search_finds_text_of_every_script(
    world: World, api: Client, place: tuple[str, str], text: str, queries: list[str]
) -> None:
    id, search = await SEARCHES[place](world, api, text)
    for query in queries:
        assert await search(query) == [id], query


@pytest.mark.parametrize("place", SEARCHES, ids=".".join)
async def test_a_search_finds_no_other_scripts(
    world: World, api: Client, place: tuple[str, str]
) -> None:
    """Each text is found by its own queries alone, apart from those that stand in several."""
    _, search = await SEARCHES[place](world, api, corpus()[0]["text"])
    for entry in corpus()[1:]:
        for query in entry["queries"]:
            if query != "cafe":
                assert await search(query) == [], query
