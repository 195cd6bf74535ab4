"""Stopping claims for now."""

import pytest

from models.offers.offers import OfferState
from models.redemptions import VoucherState
from tests.client import Client, gid
from tests.factories.world import World


async def test_pause_offer_stops_claims(world: World, api: Client) -> None:
    owner, user = await world.user(), await world.user()
    offer = await world.offer(await world.vendor(owner))
    payload = await api.signed_in(owner).do(
        "pauseOffer", {"offerId": gid(offer)}, "offer { state }"
    )
    assert payload == {"offer": {"state": "PAUSED"}, "errors": []}
    claim = {"offerId": gid(offer), "idempotencyKey": "k1"}
    assert await api.signed_in(user).refusal_codes("claimOffer", claim) == ["OFFER_NOT_CLAIMABLE"]
    assert (await api.ask("{ offers { totalCount } }"))["offers"]["totalCount"] == 0


async def test_pause_offer_keeps_vouchers_valid(world: World, api: Client) -> None:
    owner = await world.user()
    vendor = await world.vendor(owner)
    offer = await world.offer(vendor)
    voucher = await world.voucher(offer, await world.user())
    client = api.signed_in(owner)
    await client.do("pauseOffer", {"offerId": gid(offer)})
    redeem = {"vendorId": gid(vendor), "code": voucher.code, "idempotencyKey": "k1"}
    assert (await client.do("redeemVoucher", redeem, "outcome"))["outcome"] == "APPROVED"
    assert (await world.fresh(voucher)).state is VoucherState.REDEEMED


async def test_pause_offer_again_is_no_change(world: World, api: Client) -> None:
    owner = await world.user()
    offer = await world.offer(await world.vendor(owner))
    client = api.signed_in(owner)
    for _ in range(2):
        assert await client.refusal_codes("pauseOffer", {"offerId": gid(offer)}) == []
    assert len(await world.journal()) == 1


@pytest.mark.parametrize("state", [OfferState.DRAFT, OfferState.EXPIRED, OfferState.ARCHIVED])
async def test_pause_offer_that_is_not_published(
    world: World, api: Client, state: OfferState
) -> None:
    owner = await world.user()
    offer = await world.offer(await world.vendor(owner), state=state)
    pause = {"offerId": gid(offer)}
    assert await api.signed_in(owner).refusal_codes("pauseOffer", pause) == ["OFFER_STATE"]
    assert (await world.fresh(offer)).state is state
