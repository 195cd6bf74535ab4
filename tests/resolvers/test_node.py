"""Anything by its id, if the viewer may see it."""

from typing import Any
from uuid import UUID

import pytest
from sqlmodel import SQLModel
from strawberry.relay import to_base64

from engine.types import Rows
from models.offers.offers import OfferState
from tests.client import Client, gid, unknown
from tests.domains import of_domains
from tests.factories.world import World
from tests.resolvers.scene import ANONYMOUS, VIEWERS, Scene

NODE = "query ($id: ID!) { node(id: $id) { __typename id } }"
NODES = "query ($ids: [ID!]!) { nodes(ids: $ids) { id } }"
# Each domain names who sees its rows (`SEEN_BY`), and makes one of each type (`make`).
DOMAINS = of_domains("resolvers", "nodes")
SEEN_BY: dict[str, set[str]] = {
    name: viewers for domain in DOMAINS for name, viewers in domain.SEEN_BY.items()
}


def test_every_node_type_names_who_sees_it() -> None:
    assert SEEN_BY.keys() == Rows.nodes.keys()


@pytest.fixture
async def scene(world: World) -> Scene:
    return await Scene.make(world)


async def rows(scene: Scene) -> dict[str, SQLModel]:
    """Return a row of every node type."""
    return {name: row for domain in DOMAINS for name, row in (await domain.make(scene)).items()}


@pytest.mark.parametrize("viewer", VIEWERS)
async def test_node_for_those_who_may_see_it(scene: Scene, api: Client, viewer: str) -> None:
    client = api if viewer == ANONYMOUS else api.signed_in(getattr(scene, viewer))
    ids = {name: gid(row, name) for name, row in (await rows(scene)).items()}
    expected = {
        name: {"__typename": name, "id": id} if viewer in SEEN_BY[name] else None
        for name, id in ids.items()
    }
    found = {name: (await client.ask(NODE, id=id))["node"] for name, id in ids.items()}
    assert found == expected
    asked, listed = [*ids.values()], []
    for start in range(0, len(asked), 100):  # as many as one request may ask for
        listed += (await client.ask(NODES, ids=asked[start : start + 100]))["nodes"]
    assert [node and node["id"] for node in listed] == [
        node and node["id"] for node in expected.values()
    ]


async def test_node_hides_secret_fields(scene: Scene, api: Client) -> None:
    query = "query ($id: ID!) { node(id: $id) { ... on Voucher { code token qrSvg qrPng } } }"
    id = gid(scene.voucher)
    for user in (scene.owner, scene.admin):
        node = (await api.signed_in(user).ask(query, id=id))["node"]
        assert set(node.values()) == {None}
    node = (await api.signed_in(scene.customer).ask(query, id=id))["node"]
    assert None not in node.values()


async def test_node_of_an_unknown_id(world: World, api: Client) -> None:
    client = api.signed_in(await world.admin())
    for type_name in Rows.nodes:
        assert await client.ask(NODE, id=unknown(type_name)) == {"node": None}


BAD_IDS: list[Any] = [
    "garbage",
    "",
    to_base64("Offer", "1"),
    unknown("Wallet"),
    unknown("RefreshToken"),
    str(UUID(int=1)),
    1,
]


@pytest.mark.parametrize("id", BAD_IDS)
async def test_node_by_an_id_that_is_none(world: World, api: Client, id: Any) -> None:
    assert await api.failed(NODE, id=id) == ["BAD_USER_INPUT"]


async def test_nodes_keep_their_order(world: World, api: Client) -> None:
    vendor, category = await world.vendor(), await world.category()
    offer = await world.offer(vendor)
    secret = await world.offer(vendor, state=OfferState.DRAFT)
    asked = [gid(row) for row in (offer, secret, category, vendor, offer)]
    found = (await api.ask(NODES, ids=asked))["nodes"]
    expected = [asked[0], None, *asked[2:]]
    assert [node and node["id"] for node in found] == expected


@pytest.mark.parametrize("bad", ["bad", "", unknown("Wallet"), "VmVuZG9yOjE=", "\U0001f600"])
async def test_nodes_with_a_malformed_id_are_null_in_its_place(
    world: World, api: Client, bad: str
) -> None:
    good = gid(await world.category())
    answer = await api.send(NODES, ids=[good, bad, good])
    assert answer["data"] == {"nodes": [{"id": good}, None, {"id": good}]}
    (error,) = answer["errors"]
    assert (error["extensions"]["code"], error["path"]) == ("BAD_USER_INPUT", ["nodes", 1])


async def test_nodes_up_to_a_hundred(world: World, api: Client) -> None:
    id = gid(await world.category())
    assert len((await api.ask(NODES, ids=[id] * 100))["nodes"]) == 100
    assert await api.failed(NODES, ids=[id] * 101) == ["BAD_USER_INPUT"]
    assert await api.ask(NODES, ids=[]) == {"nodes": []}
