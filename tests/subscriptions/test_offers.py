"""Changes of an offer: its values, state, claims and vendor, live and resumed."""

from typing import Any

import pytest

from models.identity.accounts import User
from models.offers.offers import Offer, OfferState
from models.vendors import MemberRole
from tests.client import gid
from tests.factories.world import World
from tests.subscriptions.conftest import Shop
from tests.subscriptions.subscription_client import SubscriptionClient

OFFER = """subscription ($offerId: ID!, $after: String) {
  offerChanges(offerId: $offerId, after: $after) {
    cursor offer { id state title claimed remaining likedByMe }
  }
}"""


async def follow(
    shop: Shop, offer: Offer, user: User | None, after: str | None = None
) -> SubscriptionClient:
    return await shop.start(
        url=str(shop.api.http.base_url.join("/graphql")),
        transport="sse",
        tokens=[shop.token(user)] if user else [],
        query=OFFER,
        variables={"offerId": gid(offer), "after": after},
    )


async def changed(follower: SubscriptionClient, **expected: Any) -> dict[str, Any]:
    """Wait for a change that shows these values, and return it."""

    def shows(one: dict[str, Any]) -> bool:
        offer = one["offer"] or {}
        return all(offer.get(name) == value for name, value in expected.items())

    await follower.until(lambda self: any(map(shows, self.changes)))
    return next(one for one in follower.changes if shows(one))


@pytest.fixture
async def offer(shop: Shop, world: World) -> Offer:
    return await world.offer(shop.vendor, capacity=10)


async def test_each_kind_of_change_arrives(shop: Shop, world: World, offer: Offer) -> None:
    start = await shop.cursor(shop.topic)
    customer = await world.user()
    follower = await follow(shop, offer, customer, start)
    owner, buyer = shop.api.signed_in(shop.owner), shop.api.signed_in(customer)
    claim = {"offerId": gid(offer), "idempotencyKey": "claim"}
    claimed = await buyer.do("claimOffer", claim, "voucher { id }")
    await changed(follower, claimed=1, remaining=9)
    await buyer.do("cancelVoucher", {"voucherId": claimed["voucher"]["id"]})
    await changed(follower, claimed=0, remaining=10)
    await owner.do("updateOffer", {"offerId": gid(offer), "capacity": 20})
    await changed(follower, remaining=20)
    await owner.do("pauseOffer", {"offerId": gid(offer)})
    await changed(follower, state="PAUSED")
    await owner.do("publishOffer", {"offerId": gid(offer)})
    await changed(follower, state="PUBLISHED", remaining=20)


async def test_a_follower_resumes_where_it_was(shop: Shop, world: World, offer: Offer) -> None:
    customer = await world.user()
    follower = await follow(shop, offer, customer, await shop.cursor(shop.topic))
    owner = shop.api.signed_in(shop.owner)
    await owner.do("updateOffer", {"offerId": gid(offer), "capacity": 20})
    seen = await changed(follower, remaining=20)
    await follower.stop()
    await owner.do("pauseOffer", {"offerId": gid(offer)})
    again = await follow(shop, offer, customer, seen["cursor"])
    assert (await again.received(1))[0]["offer"]["state"] == "PAUSED"


async def test_changes_of_other_offers_do_not_arrive(
    shop: Shop, world: World, offer: Offer
) -> None:
    other = await world.offer(shop.vendor)
    follower = await follow(shop, offer, await world.user(), await shop.cursor(shop.topic))
    owner = shop.api.signed_in(shop.owner)
    await owner.do("pauseOffer", {"offerId": gid(other)})
    await owner.do("pauseOffer", {"offerId": gid(offer)})
    changes = [one for one in await follower.received(1) if one["offer"]]
    assert {one["offer"]["id"] for one in changes} == {gid(offer)}


async def test_a_rush_of_claims_is_few_changes(shop: Shop, world: World, offer: Offer) -> None:
    follower = await follow(shop, offer, await world.user(), await shop.cursor(shop.topic))
    for _ in range(10):
        client = shop.api.signed_in(await world.user())
        await client.do("claimOffer", {"offerId": gid(offer), "idempotencyKey": "claim"})
    await changed(follower, remaining=0)
    assert len([one for one in follower.changes if one["offer"]]) < 10


async def test_the_end_of_visibility_ends_the_stream(
    shop: Shop, world: World, offer: Offer
) -> None:
    """Of an archived offer for customers, and not for its members."""
    start = await shop.cursor(shop.topic)
    customer = await follow(shop, offer, await world.user(), start)
    member = await follow(shop, offer, shop.owner, start)
    await shop.api.signed_in(shop.owner).do("archiveOffer", {"offerId": gid(offer)})
    await customer.ended()
    assert customer.codes == ["NOT_FOUND"]
    await changed(member, state="ARCHIVED")


async def test_others_do_not_follow_a_draft(shop: Shop, world: World) -> None:
    draft = await world.offer(shop.vendor, state=OfferState.DRAFT)
    scanner = await world.user()
    await world.member(shop.vendor, scanner, MemberRole.SCANNER)
    for user, code in ((None, "UNAUTHENTICATED"), (await world.user(), "NOT_FOUND")):
        follower = await follow(shop, draft, user)
        await follower.ended()
        assert (follower.codes, follower.changes) == ([code], [])
