"""Reads send few statements, no transactions, and nothing of another viewer."""

import asyncio
import re

import pytest

from models.offers.offers import OfferState
from tests.client import Client, gid
from tests.factories.world import World
from tests.resolvers.counting import captured, statements

LIST = """{ offers { nodes {
  title likeCount likedByMe vendor { name } category { name }
} } }"""
CHILDREN = "{ vendors { nodes { name offers(first: 2) { title } } } }"
MIXED_SIZES = """query ($id: ID!) {
  vendors { nodes { offers(first: 1) { id } } }
  offer(id: $id) { vendor { offers(first: 20) { id } } }
}"""
OFFER = "query ($id: ID!) { offer(id: $id) { title state } }"
STATES = "{ offers(where: {states: [DRAFT, PUBLISHED]}) { totalCount nodes { id } } }"


async def test_a_page_takes_a_statement_and_one_for_the_viewer_and_no_transaction(
    world: World, api: Client
) -> None:
    user = await world.user()
    for _ in range(3):
        await world.like(await world.offer(await world.vendor()), user)
    sent = await statements(api.signed_in(user), LIST)
    assert len(sent) == 2, "\n\n".join(sent)
    assert all(one.startswith("SELECT") for one in sent)


async def test_children_are_read_by_an_index(world: World, api: Client) -> None:
    vendors = [await world.vendor() for _ in range(2)]
    titles = {}
    for vendor in vendors:
        offers = [await world.offer(vendor) for _ in range(4)]
        titles[vendor.name] = [one.title["en"] for one in reversed(offers)][:2]
    page, newest = await statements(api, CHILDREN)
    assert page
    assert "LATERAL" in newest
    found = (await api.ask(CHILDREN))["vendors"]["nodes"]
    assert {one["name"]: [o["title"] for o in one["offers"]] for one in found} == titles


async def test_a_long_list_makes_no_short_one_longer(world: World, api: Client) -> None:
    vendors = [await world.vendor() for _ in range(3)]
    offers = [[await world.offer(vendor) for _ in range(3)] for vendor in vendors]
    given = {"id": gid(offers[0][0])}
    sent = [one for one in await statements(api, MIXED_SIZES, **given) if "LATERAL" in one]
    assert sorted(re.findall(r"LIMIT (\d+)", " ".join(sent))) == ["1", "21"]
    found = await api.ask(MIXED_SIZES, **given)
    assert [len(one["offers"]) for one in found["vendors"]["nodes"]] == [1, 1, 1]
    assert len(found["offer"]["vendor"]["offers"]) == 3


async def test_viewers_of_one_kind_share_a_statement_and_see_their_own(
    world: World, api: Client
) -> None:
    """Each is answered between the others, so that a kept id would be another viewer's."""
    owners = [await world.user() for _ in range(3)]
    drafts = [
        await world.offer(await world.vendor(owner), state=OfferState.DRAFT) for owner in owners
    ]
    seen: set[tuple[str, ...]] = set()
    for _ in range(2):
        for owner, own in zip(owners, drafts, strict=True):
            client = api.signed_in(owner)
            with captured() as sent:
                for draft in drafts:
                    found = (await client.ask(OFFER, id=gid(draft)))["offer"]
                    assert (found is not None) == (draft is own)
                listed = (await client.ask(STATES))["offers"]
            assert [one["id"] for one in listed["nodes"]] == [gid(own)]
            assert listed["totalCount"] == 1
            seen.add(tuple(statement for statement, _ in sent))
    assert len(seen) == 1, "the statements are the same for all"


async def test_kinds_of_viewers_do_not_share_a_statement(world: World, api: Client) -> None:
    """A draft is visible to its members and to admins, in whichever order they ask."""
    owner, other, admin = await world.user(), await world.user(), await world.admin()
    draft = await world.offer(await world.vendor(owner), state=OfferState.DRAFT)
    callers = [
        (api, False),
        (api.signed_in(other), False),
        (api.signed_in(owner), True),
        (api.signed_in(admin), True),
    ]
    for some in (callers, callers[::-1]):
        for client, sees in some:
            found = (await client.ask(OFFER, id=gid(draft)))["offer"]
            assert (found is not None) == sees
            listed = (await client.ask(STATES))["offers"]["nodes"]
            assert (listed != []) == sees


async def test_concurrent_viewers_get_their_own(world: World, api: Client) -> None:
    owners = [await world.user() for _ in range(8)]
    drafts = [
        await world.offer(await world.vendor(owner), state=OfferState.DRAFT) for owner in owners
    ]
    answers = await asyncio.gather(*(api.signed_in(owner).ask(STATES) for owner in owners))
    assert [[one["id"] for one in answer["offers"]["nodes"]] for answer in answers] == [
        [gid(draft)] for draft in drafts
    ]


@pytest.mark.parametrize("first", [0, 1, 2, 5, 19, 100])
async def test_pages_of_any_size_continue_where_they_end(
    world: World, api: Client, first: int
) -> None:
    """Statements read up to the next of a few limits."""
    vendor = await world.vendor()
    offers = [await world.offer(vendor) for _ in range(7)]
    expected = [gid(one) for one in reversed(offers)]
    query = """query ($first: Int, $after: String) { offers(first: $first, after: $after) {
      nodes { id } pageInfo { hasNextPage endCursor } } }"""
    found = (await api.ask(query, first=first))["offers"]
    assert [one["id"] for one in found["nodes"]] == expected[:first]
    assert found["pageInfo"]["hasNextPage"] == (first < 7)
    if 0 < first < 7:
        after = found["pageInfo"]["endCursor"]
        rest = (await api.ask(query, first=first, after=after))["offers"]
        assert [one["id"] for one in rest["nodes"]] == expected[first : 2 * first]
