"""Changing an offer."""

from datetime import timedelta
from typing import Any

import pytest

from core.clock import now
from models.offers.offers import DiscountKind, Offer, OfferState
from models.vendors import Vendor
from tests.client import Client, gid
from tests.factories.offers import texts
from tests.factories.world import World
from tests.resolvers.offers.test_create_offer import OFFER
from tests.resolvers.offers.test_create_offer_input import INVALID


async def made(world: World, api: Client, **values: Any) -> tuple[Client, Offer, Vendor]:
    """Create an offer, and return its owner's client, the offer and its vendor."""
    owner = await world.user()
    vendor = await world.vendor(owner)
    return api.signed_in(owner), await world.offer(vendor, **values), vendor


async def test_update_offer_keeps_omitted_fields(world: World, api: Client) -> None:
    client, offer, _ = await made(
        world,
        api,
        title={"en": "Old", "hi": "पुराना"},
        description={"en": "More."},
        terms={"en": "Weekdays."},
        discount_kind=DiscountKind.AMOUNT,
        percent=None,
        amount_minor=500,
        capacity=7,
        per_user_limit=3,
        pin_codes=["560001"],
    )
    before = (await world.fresh(offer)).model_dump()
    payload = await client.do("updateOffer", {"offerId": gid(offer)}, OFFER)
    assert payload["errors"] == []
    assert (await world.fresh(offer)).model_dump() == before


CHANGES: list[tuple[dict[str, Any], dict[str, Any]]] = [
    ({"title": texts(hi="नया नाम")}, {"title": {"hi": "नया नाम"}}),
    ({"description": texts(en="New.")}, {"description": {"en": "New."}}),
    ({"description": []}, {"description": {}}),
    ({"terms": texts(en="New.")}, {"terms": {"en": "New."}}),
    ({"discount": {"percent": 50}}, {"percent": 50}),
    (
        {"discount": {"buyGet": {"buy": 3, "get": 2}}},
        {"discount_kind": DiscountKind.BUY_GET, "percent": None, "buy": 3, "get": 2},
    ),
    (
        {"discount": {"freeItem": texts(en="Tea")}},
        {"discount_kind": DiscountKind.FREE_ITEM, "percent": None, "free_item": {"en": "Tea"}},
    ),
    ({"capacity": 5}, {"capacity": 5}),
    ({"capacity": None}, {"capacity": None}),
    ({"perUserLimit": 5}, {"per_user_limit": 5}),
    ({"pinCodes": ["560003"]}, {"pin_codes": ["560003"]}),
    ({"pinCodes": ["560 003", "560-003", "560001"]}, {"pin_codes": ["560001", "560003"]}),
    ({"pinCodes": []}, {"pin_codes": []}),
    ({"latitude": 0}, {"latitude": 0.0}),
]


@pytest.mark.parametrize(("changes", "columns"), CHANGES, ids=str)
async def test_update_offer_changes_the_given_fields(
    world: World, api: Client, changes: dict[str, Any], columns: dict[str, Any]
) -> None:
    client, offer, _ = await made(world, api, description={"en": "Old."}, claimed=2)
    before = (await world.fresh(offer)).model_dump()
    assert await client.refusal_codes("updateOffer", {"offerId": gid(offer)} | changes) == []
    after = (await world.fresh(offer)).model_dump()
    for derived in ("search_text", "position"):
        before.pop(derived), after.pop(derived)
    assert after == before | columns


async def test_update_offer_is_found_by_its_new_text(world: World, api: Client) -> None:
    client, offer, _ = await made(world, api, title={"en": "Biryani"})
    await client.do("updateOffer", {"offerId": gid(offer), "title": texts(en="Haircut")})
    query = "query ($s: String!) { offers(search: $s) { totalCount } }"
    assert (await api.ask(query, s="haircut"))["offers"]["totalCount"] == 1
    assert (await api.ask(query, s="biryani"))["offers"]["totalCount"] == 0


async def test_update_offer_to_another_category(world: World, api: Client) -> None:
    client, offer, _ = await made(world, api)
    category = await world.category()
    update = {"offerId": gid(offer), "categoryId": gid(category)}
    assert await client.refusal_codes("updateOffer", update) == []
    assert (await world.fresh(offer)).category_id == category.id


async def test_update_offer_leaves_vouchers_their_window(world: World, api: Client) -> None:
    client, offer, _ = await made(world, api)
    voucher = await world.voucher(offer, await world.user())
    soon = (now() + timedelta(minutes=5)).isoformat()
    await client.do("updateOffer", {"offerId": gid(offer), "endsAt": soon})
    assert (await world.fresh(voucher)).expires_at == offer.ends_at


async def test_update_offer_holds_its_new_window_whole(world: World, api: Client) -> None:
    client, offer, _ = await made(world, api)
    late = (offer.ends_at + timedelta(seconds=1)).isoformat()
    payload = await client.do("updateOffer", {"offerId": gid(offer), "startsAt": late})
    assert [error["code"] for error in payload["errors"]] == ["INVALID_INPUT"]


@pytest.mark.parametrize(("capacity", "codes"), [(4, ["CAPACITY_BELOW_CLAIMED"]), (5, [])])
async def test_update_offer_capacity_below_the_claims(
    world: World, api: Client, capacity: int, codes: list[str]
) -> None:
    client, offer, _ = await made(world, api, capacity=10, claimed=5)
    update = {"offerId": gid(offer), "capacity": capacity}
    assert await client.refusal_codes("updateOffer", update) == codes
    assert (await world.fresh(offer)).capacity == (10 if codes else 5)


@pytest.mark.parametrize("state", list(OfferState))
async def test_update_offer_in_each_state(world: World, api: Client, state: OfferState) -> None:
    client, offer, _ = await made(world, api, state=state)
    over = state in {OfferState.EXPIRED, OfferState.ARCHIVED}
    refused = await client.refusal_codes("updateOffer", {"offerId": gid(offer), "capacity": 9})
    assert refused == (["OFFER_STATE"] if over else [])
    fresh = await world.fresh(offer)
    assert (fresh.state, fresh.capacity) == (state, 100 if over else 9)


@pytest.mark.parametrize(("changes", "field"), INVALID)
async def test_update_offer_with_bad_input(
    world: World, api: Client, changes: dict[str, Any], field: list[str]
) -> None:
    window = {"starts_at": STARTS, "ends_at": STARTS + timedelta(days=1)}
    client, offer, _ = await made(world, api, **window)
    before = await world.fresh(offer)
    payload = await client.do("updateOffer", {"offerId": gid(offer)} | changes, "offer { id }")
    assert [(error["code"], error["field"]) for error in payload["errors"]] == [
        ("INVALID_INPUT", field)
    ]
    assert await world.fresh(offer) == before


STARTS = now().replace(year=2030, month=1, day=2)
