"""Liking an offer, and taking it back."""

import asyncio

import pytest

from models.offers.offers import OfferState
from tests.client import Client, gid, unknown
from tests.factories.world import World

LIKES = "offer { likeCount likedByMe }"


def likes(count: int, mine: bool) -> dict[str, object]:
    return {"offer": {"likeCount": count, "likedByMe": mine}, "errors": []}


async def test_like_offer_counts_once_for_each_user(world: World, api: Client) -> None:
    offer = await world.offer(await world.vendor())
    one, two = api.signed_in(await world.user()), api.signed_in(await world.user())
    given = {"offerId": gid(offer)}
    assert await one.do("likeOffer", given, LIKES) == likes(1, True)
    assert await one.do("likeOffer", given, LIKES) == likes(1, True)
    assert await two.do("likeOffer", given, LIKES) == likes(2, True)
    assert await two.do("unlikeOffer", given, LIKES) == likes(1, False)
    assert await two.do("unlikeOffer", given, LIKES) == likes(1, False)


async def test_like_offer_at_once_is_liking_once(world: World, api: Client) -> None:
    offer, client = await world.offer(await world.vendor()), api.signed_in(await world.user())
    given = {"offerId": gid(offer)}
    refused = await asyncio.gather(*(client.refusal_codes("likeOffer", given) for _ in range(8)))
    assert refused == [[]] * 8
    assert (await client.do("likeOffer", given, LIKES)) == likes(1, True)


async def test_like_offer_is_seen_by_all_and_mine_only_by_me(world: World, api: Client) -> None:
    offer, user = await world.offer(await world.vendor()), await world.user()
    await api.signed_in(user).do("likeOffer", {"offerId": gid(offer)})
    query = "query ($id: ID!) { offer(id: $id) { likeCount likedByMe } }"
    for client, mine in ((api, False), (api.signed_in(user), True)):
        asked = await client.ask(query, id=gid(offer))
        assert asked["offer"] == {"likeCount": 1, "likedByMe": mine}


async def test_like_offer_twice_in_one_request_reads_afresh(world: World, api: Client) -> None:
    offer, client = await world.offer(await world.vendor()), api.signed_in(await world.user())
    asked = await client.ask(
        f"""mutation ($id: ID!) {{
            a: likeOffer(input: {{offerId: $id}}) {{ {LIKES} errors {{ code }} }}
            b: unlikeOffer(input: {{offerId: $id}}) {{ {LIKES} errors {{ code }} }}
        }}""",
        id=gid(offer),
    )
    assert asked == {"a": likes(1, True), "b": likes(0, False)}


@pytest.mark.parametrize("name", ["likeOffer", "unlikeOffer"])
async def test_like_offer_that_the_viewer_may_not_see(world: World, api: Client, name: str) -> None:
    owner = await world.user()
    draft = gid(await world.offer(await world.vendor(owner), state=OfferState.DRAFT))
    nothing = unknown("Offer")
    client = api.signed_in(await world.user())
    assert await client.refusal_codes(name, {"offerId": draft}) == ["NOT_FOUND"]
    assert await client.refusal_codes(name, {"offerId": nothing}) == ["NOT_FOUND"]
    assert await api.signed_in(owner).refusal_codes(name, {"offerId": draft}) == []
    for id in (draft, nothing):
        assert await api.mutation_failed(name, {"offerId": id}) == ["UNAUTHENTICATED"]
