"""The rows of public lists follow the offers, in the transaction that changes them."""

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import text
from sqlmodel import select

from core.clock import now
from models.offers.listings import ListedOffer, ListedPin
from models.offers.offers import Offer, OfferState
from models.vendors import Vendor, VendorStatus
from services.transaction import Transactions
from tests.client import Client, gid
from tests.factories.world import World
from tests.invariants import check_invariants
from tests.resolvers.browsing import offer_ids

STATES = [state for state in OfferState if state is not OfferState.PUBLISHED]


async def listed(world: World) -> set[Any]:
    async with world.database.session() as session:
        return set((await session.exec(select(ListedOffer.offer_id))).all())


@pytest.mark.parametrize("state", STATES)
async def test_an_offer_of_another_state_leaves_the_lists_and_returns(
    world: World, transactions: Transactions, state: OfferState
) -> None:
    offer = await world.offer(await world.vendor())
    assert await listed(world) == {offer.id}
    for wanted, expected in ((state, set()), (OfferState.PUBLISHED, {offer.id})):
        async with transactions.begin() as session:
            (await session.get_one(Offer, offer.id)).state = wanted
        assert await listed(world) == expected
        await check_invariants(world.database)


@pytest.mark.parametrize("status", [one for one in VendorStatus if one != VendorStatus.APPROVED])
async def test_the_offers_of_a_vendor_leave_the_lists_and_return(
    world: World, transactions: Transactions, status: VendorStatus
) -> None:
    vendor, other = await world.vendor(), await world.offer(await world.vendor())
    offers = {(await world.offer(vendor)).id for _ in range(3)}
    await world.offer(vendor, state=OfferState.DRAFT)
    for wanted, expected in ((status, set()), (VendorStatus.APPROVED, offers)):
        async with transactions.begin() as session:
            (await session.get_one(Vendor, vendor.id)).status = wanted
        assert await listed(world) == expected | {other.id}
        await check_invariants(world.database)


CHANGES: list[dict[str, Any]] = [
    {"pin_codes": ["110001", "560002"]},
    {"pin_codes": []},
    {"percent": 60},
    {"latitude": 1.5, "longitude": -70.25},
    {"ends_at": now() + timedelta(days=9)},
    {"starts_at": now() - timedelta(days=9)},
    {"published_at": now()},
    {"country": "DE"},
]


@pytest.mark.parametrize("values", CHANGES, ids=" ".join)
async def test_what_changes_in_an_offer_changes_in_its_listing(
    world: World, transactions: Transactions, values: dict[str, Any]
) -> None:
    offer = await world.offer(await world.vendor(), pin_codes=["560001", "560002"])
    async with transactions.begin() as session:
        row = await session.get_one(Offer, offer.id)
        for name, value in values.items():
            setattr(row, name, value)
    await check_invariants(world.database)


async def test_another_city_of_the_vendor_is_the_city_of_its_offers(
    world: World, transactions: Transactions, api: Client
) -> None:
    vendor = await world.vendor()
    offer = await world.offer(vendor)
    async with transactions.begin() as session:
        (await session.get_one(Vendor, vendor.id)).city = "Mysuru"
    await check_invariants(world.database)
    cities = "{ cities(country: IN) { nodes { id name country } totalCount } }"
    found = (await api.ask(cities))["cities"]
    assert [node["name"] for node in found["nodes"]] == ["Bengaluru", "Mysuru"]
    ids = [node["id"] for node in found["nodes"]]
    assert await offer_ids(api, where={"cityId": ids[0]}) == []
    assert await offer_ids(api, where={"cityId": ids[1]}) == [gid(offer)]


async def test_a_vendor_of_the_same_city_in_other_letters_adds_no_city(
    world: World, api: Client
) -> None:
    for city in ("Bengaluru", "BENGALURU", "Αθήνα", "ΑΘΉΝΑ"):
        await world.offer(await world.vendor(city=city))
    cities = "{ cities(country: IN) { nodes { name } } }"
    assert len((await api.ask(cities))["cities"]["nodes"]) == 2


async def test_a_change_that_is_rolled_back_changes_no_list(
    world: World, transactions: Transactions
) -> None:
    offer = await world.offer(await world.vendor())
    with pytest.raises(ZeroDivisionError):
        async with transactions.begin() as session:
            (await session.get_one(Offer, offer.id)).state = OfferState.PAUSED
            await session.flush()
            raise ZeroDivisionError
    assert await listed(world) == {offer.id}


VERSIONS = text(
    "SELECT (SELECT jsonb_agg(jsonb_build_array(xmin::text, ctid::text)) FROM listing),"
    " (SELECT jsonb_agg(jsonb_build_array(xmin::text, ctid::text)) FROM listing_pin),"
    " (SELECT jsonb_agg(jsonb_build_array(xmin::text, ctid::text)) FROM listing_rank)"
)


async def test_claims_and_likes_write_no_row_of_the_lists(world: World, api: Client) -> None:
    claimed = await world.offer(await world.vendor())
    async with world.database.session() as session:
        before = [*(await session.execute(VERSIONS)).one()]
    assert all(before)
    client = api.signed_in(await world.user())
    offer = {"offerId": gid(claimed)}
    assert await client.refusal_codes("claimOffer", offer | {"idempotencyKey": "k"}) == []
    for like in ("likeOffer", "unlikeOffer", "likeOffer"):
        assert await client.refusal_codes(like, offer) == []
    async with world.database.session() as session:
        assert [*(await session.execute(VERSIONS)).one()] == before


async def test_an_offer_that_is_deleted_leaves_nothing(world: World) -> None:
    offer = await world.offer(await world.vendor())
    await world.delete(offer)
    assert await listed(world) == set()
    async with world.database.session() as session:
        assert (await session.exec(select(ListedPin))).all() == []
