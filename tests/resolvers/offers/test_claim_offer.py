"""Claiming an offer."""

from datetime import timedelta

import pytest

from core.clock import now
from core.security.codes import read_code
from core.security.signing_keys import SigningKeys
from models.offers.offers import OfferState
from models.vendors import VendorStatus
from tests.client import Client, gid
from tests.factories.world import World

VOUCHER = "voucher { id code token state qrSvg qrPng expiresAt offer { id } vendor { id } }"


async def test_claim_offer_gives_a_voucher(world: World, api: Client, keys: SigningKeys) -> None:
    vendor, user = await world.vendor(), await world.user()
    offer = await world.offer(vendor)
    payload = await api.signed_in(user).do(
        "claimOffer", {"offerId": gid(offer), "idempotencyKey": "k1"}, VOUCHER
    )
    voucher = payload["voucher"]
    assert payload["errors"] == []
    assert voucher["state"] == "CLAIMED"
    assert read_code(voucher["code"]) == voucher["code"]
    assert keys.read_voucher(voucher["token"])[1] == 1
    assert voucher["qrSvg"].startswith("<svg")
    assert voucher["offer"]["id"] == gid(offer)
    assert (await world.fresh(offer)).claimed == 1


async def test_claim_offer_again_with_the_same_key_is_the_same_answer(
    world: World, api: Client
) -> None:
    vendor, user = await world.vendor(), await world.user()
    offer = await world.offer(vendor, per_user_limit=5)
    claim = {"offerId": gid(offer), "idempotencyKey": "k1"}
    first = await api.signed_in(user).do("claimOffer", claim, VOUCHER)
    again = await api.signed_in(user).do("claimOffer", claim, VOUCHER)
    assert again == first
    assert (await world.fresh(offer)).claimed == 1


async def test_claim_offer_with_a_key_of_another_offer(world: World, api: Client) -> None:
    vendor, user = await world.vendor(), await world.user()
    offer, other = await world.offer(vendor), await world.offer(vendor)
    client = api.signed_in(user)
    await client.do("claimOffer", {"offerId": gid(offer), "idempotencyKey": "k1"})
    claim = {"offerId": gid(other), "idempotencyKey": "k1"}
    assert await client.refusal_codes("claimOffer", claim) == ["IDEMPOTENCY_KEY_REUSED"]


@pytest.mark.parametrize(
    ("values", "code"),
    [
        ({"state": OfferState.DRAFT}, "NOT_FOUND"),
        ({"state": OfferState.PAUSED}, "OFFER_NOT_CLAIMABLE"),
        ({"state": OfferState.ARCHIVED}, "OFFER_NOT_CLAIMABLE"),
        ({"state": OfferState.EXPIRED}, "OFFER_ENDED"),
        ({"starts_at": now() + timedelta(hours=1)}, "OFFER_NOT_STARTED"),
        (
            {"starts_at": now() - timedelta(hours=2), "ends_at": now() - timedelta(hours=1)},
            "OFFER_ENDED",
        ),
        ({"capacity": 3, "claimed": 3}, "OFFER_SOLD_OUT"),
    ],
)
async def test_claim_offer_that_is_not_available(
    world: World, api: Client, values: dict[str, object], code: str
) -> None:
    vendor, user = await world.vendor(), await world.user()
    offer = await world.offer(vendor, **values)
    claim = {"offerId": gid(offer), "idempotencyKey": "k1"}
    assert await api.signed_in(user).refusal_codes("claimOffer", claim) == [code]
    assert (await world.fresh(offer)).claimed == offer.claimed


async def test_claim_offer_more_often_than_allowed(world: World, api: Client) -> None:
    vendor, user = await world.vendor(), await world.user()
    offer = await world.offer(vendor, per_user_limit=2)
    client = api.signed_in(user)
    codes = [
        await client.refusal_codes("claimOffer", {"offerId": gid(offer), "idempotencyKey": f"k{n}"})
        for n in range(3)
    ]
    assert codes == [[], [], ["CLAIM_LIMIT_REACHED"]]


async def test_claim_offer_of_a_suspended_vendor(world: World, api: Client) -> None:
    vendor, user = await world.vendor(status=VendorStatus.SUSPENDED), await world.user()
    offer = await world.offer(vendor)
    claim = {"offerId": gid(offer), "idempotencyKey": "k1"}
    assert await api.signed_in(user).refusal_codes("claimOffer", claim) == ["VENDOR_SUSPENDED"]


async def test_claim_offer_as_anonymous(world: World, api: Client) -> None:
    offer = await world.offer(await world.vendor())
    claim = {"offerId": gid(offer), "idempotencyKey": "k1"}
    assert await api.mutation_failed("claimOffer", claim) == ["UNAUTHENTICATED"]


@pytest.mark.parametrize(
    ("claim", "code"),
    [
        ({"offerId": "nonsense", "idempotencyKey": "k"}, "BAD_USER_INPUT"),
        ({"offerId": "VmVuZG9yOjE=", "idempotencyKey": "k"}, "BAD_USER_INPUT"),
        ({"offerId": "T2ZmZXI6MQ==", "idempotencyKey": "k"}, "BAD_USER_INPUT"),
        ({"offerId": "T2ZmZXI6MQ=="}, "BAD_USER_INPUT"),
    ],
)
async def test_claim_offer_with_bad_input(
    world: World, api: Client, claim: dict[str, str], code: str
) -> None:
    client = api.signed_in(await world.user())
    assert await client.mutation_failed("claimOffer", claim) == [code]


@pytest.mark.parametrize("key", ["", "x" * 101])
async def test_claim_offer_with_a_bad_key(world: World, api: Client, key: str) -> None:
    offer, user = await world.offer(await world.vendor()), await world.user()
    claim = {"offerId": gid(offer), "idempotencyKey": key}
    payload = await api.signed_in(user).do("claimOffer", claim)
    assert payload["errors"][0]["code"] == "INVALID_INPUT"
    assert payload["errors"][0]["field"] == ["idempotencyKey"]
