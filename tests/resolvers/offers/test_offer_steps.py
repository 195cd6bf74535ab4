"""Roles that may publish, pause and archive an offer; others receive NOT_FOUND."""

from typing import Any

import pytest

from models.offers.offers import OfferState
from models.vendors import MemberRole
from tests.client import Client, gid, unknown
from tests.factories.vendors import OUTSIDERS, outsider
from tests.factories.world import World

STEPS = {
    "publishOffer": OfferState.DRAFT,
    "pauseOffer": OfferState.PUBLISHED,
    "archiveOffer": OfferState.PUBLISHED,
}
steps = pytest.mark.parametrize("name", STEPS)
UNKNOWN = unknown("Offer")


@steps
@pytest.mark.parametrize("kind", OUTSIDERS)
async def test_offer_steps_without_permission(
    world: World, api: Client, name: str, kind: str
) -> None:
    vendor = await world.vendor()
    offer = await world.offer(vendor, state=STEPS[name])
    client = api.signed_in(await outsider(world, vendor, kind))
    assert await client.refusal_codes(name, {"offerId": gid(offer)}) == ["NOT_FOUND"]
    assert (await world.fresh(offer)).state is STEPS[name]
    assert await world.journal() == []


@steps
@pytest.mark.parametrize("role", [MemberRole.OWNER, MemberRole.MANAGER])
async def test_offer_steps_with_permission(
    world: World, api: Client, name: str, role: MemberRole
) -> None:
    user, vendor = await world.user(), await world.vendor()
    await world.member(vendor, user, role)
    offer = await world.offer(vendor, state=STEPS[name])
    assert await api.signed_in(user).refusal_codes(name, {"offerId": gid(offer)}) == []
    assert (await world.fresh(offer)).state is not STEPS[name]


@steps
async def test_offer_steps_of_an_unknown_offer(world: World, api: Client, name: str) -> None:
    client = api.signed_in(await world.user())
    assert await client.refusal_codes(name, {"offerId": UNKNOWN}) == ["NOT_FOUND"]


@steps
async def test_offer_steps_as_anonymous_reveal_nothing(
    world: World, api: Client, name: str
) -> None:
    offer = await world.offer(await world.vendor(), state=OfferState.DRAFT)
    for id in (gid(offer), UNKNOWN):
        assert await api.mutation_failed(name, {"offerId": id}) == ["UNAUTHENTICATED"]


@steps
@pytest.mark.parametrize("id", ["garbage", unknown("Vendor"), None])
async def test_offer_steps_with_an_id_that_is_none(
    world: World, api: Client, name: str, id: Any
) -> None:
    client = api.signed_in(await world.user())
    assert await client.mutation_failed(name, {"offerId": id}) == ["BAD_USER_INPUT"]
