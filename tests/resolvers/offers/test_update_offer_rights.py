"""Roles that may change an offer; others receive NOT_FOUND."""

import pytest

from models.offers.offers import OfferState
from models.vendors import MemberRole
from tests.client import Client, gid, unknown
from tests.factories.vendors import OUTSIDERS, outsider
from tests.factories.world import World
from tests.resolvers.offers.test_update_offer import made


@pytest.mark.parametrize("kind", OUTSIDERS)
async def test_update_offer_without_permission(world: World, api: Client, kind: str) -> None:
    _, offer, vendor = await made(world, api)
    client = api.signed_in(await outsider(world, vendor, kind))
    update = {"offerId": gid(offer), "capacity": 1}
    assert await client.refusal_codes("updateOffer", update) == ["NOT_FOUND"]
    assert (await world.fresh(offer)).capacity == 100


async def test_update_offer_by_a_manager(world: World, api: Client) -> None:
    _, offer, vendor = await made(world, api)
    manager = await world.user()
    await world.member(vendor, manager, MemberRole.MANAGER)
    assert await api.signed_in(manager).refusal_codes("updateOffer", {"offerId": gid(offer)}) == []


async def test_update_offer_that_is_unknown(world: World, api: Client) -> None:
    client, _, _ = await made(world, api)
    update = {"offerId": unknown("Offer")}
    assert await client.refusal_codes("updateOffer", update) == ["NOT_FOUND"]


async def test_update_offer_as_anonymous_reveals_nothing(world: World, api: Client) -> None:
    _, offer, _ = await made(world, api, state=OfferState.DRAFT)
    for id in (gid(offer), unknown("Offer")):
        assert await api.mutation_failed("updateOffer", {"offerId": id}) == ["UNAUTHENTICATED"]
