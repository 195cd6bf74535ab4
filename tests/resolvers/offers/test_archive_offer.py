"""Putting an offer away for good."""

import pytest

from models.offers.offers import OfferState
from tests.client import Client, gid
from tests.factories.world import World


@pytest.mark.parametrize("state", list(OfferState))
async def test_archive_offer_from_each_state(world: World, api: Client, state: OfferState) -> None:
    owner = await world.user()
    vendor = await world.vendor(owner)
    offer = await world.offer(vendor, state=state)
    archive = {"offerId": gid(offer)}
    payload = await api.signed_in(owner).do("archiveOffer", archive, "offer { state }")
    assert payload == {"offer": {"state": "ARCHIVED"}, "errors": []}
    assert (await world.fresh(offer)).state is OfferState.ARCHIVED
    entries = [] if state is OfferState.ARCHIVED else [(f"vendor:{vendor.id}", 1, "offer.state")]
    assert await world.journal() == entries


async def test_archive_offer_is_for_good(world: World, api: Client) -> None:
    owner = await world.user()
    offer = await world.offer(await world.vendor(owner))
    client, given = api.signed_in(owner), {"offerId": gid(offer)}
    await client.do("archiveOffer", given)
    for name in ("publishOffer", "pauseOffer", "updateOffer"):
        assert await client.refusal_codes(name, given) == ["OFFER_STATE"]


async def test_archive_offer_keeps_vouchers_valid(world: World, api: Client) -> None:
    owner, user = await world.user(), await world.user()
    vendor = await world.vendor(owner)
    offer = await world.offer(vendor)
    voucher = await world.voucher(offer, user)
    client = api.signed_in(owner)
    await client.do("archiveOffer", {"offerId": gid(offer)})
    query = "{ viewer { vouchers { nodes { state offer { id state } } } } }"
    seen = (await api.signed_in(user).ask(query))["viewer"]["vouchers"]["nodes"]
    assert seen == [{"state": "CLAIMED", "offer": {"id": gid(offer), "state": "ARCHIVED"}}]
    redeem = {"vendorId": gid(vendor), "code": voucher.code, "idempotencyKey": "k1"}
    assert (await client.do("redeemVoucher", redeem, "outcome"))["outcome"] == "APPROVED"
