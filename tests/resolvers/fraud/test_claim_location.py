"""Where an offer was claimed: kept roughly, and compared with the place of the till."""

from typing import Any

import pytest
from sqlmodel import select

from models.fraud.rules import Factor, FraudRule
from models.redemptions import Redemption, Voucher
from tests.client import Client, gid
from tests.factories.fraud import score_with
from tests.factories.redemptions import Till
from tests.factories.world import World

FAR = FraudRule(factor=Factor.FAR_FROM_CLAIM, limit=100, points=40).model_dump(mode="json")
HERE = {"latitude": 48.85837, "longitude": 2.294481, "accuracy": 20.0}


async def claim(till: Till, api: Client, location: dict[str, Any] | None, key: str = "k") -> Any:
    given = {"offerId": gid(till.offer), "idempotencyKey": key, "location": location}
    return await api.signed_in(till.customer).do("claimOffer", given, "voucher { id }")


async def stored(world: World) -> Voucher:
    async with world.database.session() as session:
        return (await session.exec(select(Voucher))).one()


async def test_an_accurate_location_is_kept_to_a_kilometre(world: World, api: Client) -> None:
    till = await Till.open(world)
    await claim(till, api, HERE)
    voucher = await stored(world)
    assert (voucher.claim_latitude, voucher.claim_longitude) == (48.86, 2.29)


@pytest.mark.parametrize("location", [None, HERE | {"accuracy": 500.0}, HERE | {"accuracy": None}])
async def test_no_other_location_is_kept(
    world: World, api: Client, location: dict[str, Any] | None
) -> None:
    till = await Till.open(world)
    await claim(till, api, location)
    voucher = await stored(world)
    assert (voucher.claim_latitude, voucher.claim_longitude) == (None, None)


async def test_a_second_claim_has_its_own_location(world: World, api: Client) -> None:
    """It takes other statements than the first."""
    till = await Till.open(world, per_user_limit=2)
    await claim(till, api, None)
    await claim(till, api, HERE, key="second")
    async with world.database.session() as session:
        found = (await session.exec(select(Voucher.claim_latitude))).all()
    assert set(found) == {None, 48.86}


async def test_a_retry_from_another_place_is_the_same_claim(world: World, api: Client) -> None:
    till = await Till.open(world)
    first = await claim(till, api, HERE)
    assert await claim(till, api, HERE | {"latitude": 10.0}) == first


@pytest.mark.parametrize("wrong", [{"latitude": 91.0}, {"longitude": -181.0}, {"accuracy": -1.0}])
async def test_a_location_is_one_on_earth(
    world: World, api: Client, wrong: dict[str, float]
) -> None:
    till = await Till.open(world)
    given = {"offerId": gid(till.offer), "idempotencyKey": "k", "location": HERE | wrong}
    codes = await api.signed_in(till.customer).refusal_codes("claimOffer", given)
    assert codes == ["INVALID_INPUT"]


async def test_a_voucher_claimed_far_away_is_held(world: World, api: Client) -> None:
    till = await Till.open(world)
    await score_with(world, till.vendor, 0, rules=[FAR])
    await claim(till, api, HERE)
    voucher = await stored(world)
    at_till = {"latitude": 13.0, "longitude": 77.6, "accuracy": 10.0}
    assert (await till.redeem(api, token=voucher.token, location=at_till))["outcome"] == "HELD"
    async with world.database.session() as session:
        attempt = (await session.exec(select(Redemption))).one()
    assert attempt.measures is not None
    assert attempt.measures["FAR_FROM_CLAIM"] > 7_000


async def test_a_voucher_that_was_given_has_no_place(world: World, api: Client) -> None:
    """Its new holder was elsewhere."""
    till, friend = await Till.open(world), await world.user()
    await claim(till, api, HERE)
    gift = await world.voucher_gift(await stored(world), friend)
    given = {"gift": {"giftId": gid(gift)}, "idempotencyKey": "accept"}
    assert await api.signed_in(friend).refusal_codes("acceptGift", given) == []
    assert (await stored(world)).claim_latitude is None
