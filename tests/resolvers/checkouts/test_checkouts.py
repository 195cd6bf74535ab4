"""Checkouts: started from a cart, completed step by step, priced at each read, and discarded."""

import asyncio
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from strawberry import relay

from core.clock import now
from core.ids import new_id
from models.carts import CartState
from models.checkouts import MAX_CODES, Checkout, CheckoutState
from models.promos.codes import PromoCodeState
from models.vendors import MemberRole
from services.checkouts.creation import CLEANUP, KEPT_DAYS
from tests.client import Client, gid, unknown
from tests.factories.taxes import GSTIN
from tests.factories.world import World
from tests.resolvers.checkouts.asking import (
    CHECKOUT,
    FIELDS,
    INDIAN,
    Buying,
    DeliveringShop,
    codes,
    creating,
)
from tests.resolvers.counting import statements


async def of(world: World, id: str) -> Checkout:
    """Return a checkout as the database has it now."""
    async with world.database.session() as session:
        return await session.get_one(Checkout, UUID(relay.GlobalID.from_id(id).node_id))


def errors(answer: Any) -> list[tuple[str, list[str]]]:
    return [(one["code"], one["field"]) for one in answer["errors"]]


async def test_from_the_cart_to_a_checkout_without_problems(world: World, api: Client) -> None:
    buying = await Buying.make(world, api)
    client, shop = buying.client, buying.shop
    made = await client.do("createCheckout", creating(buying.cart), f"checkout {{ {FIELDS} }}")
    checkout = made["checkout"]
    assert (checkout["state"], codes(checkout)) == ("OPEN", ["ADDRESS_MISSING"])
    id = checkout["id"]
    given = {"checkoutId": id, "shipTo": {"address": INDIAN}}
    set_ = await client.do("setCheckoutAddress", given, f"checkout {{ {FIELDS} }}")
    assert set_["checkout"]["shipTo"] == {
        "country": "IN",
        "recipient": "Asha Rao",
        "city": "Bengaluru",
        "postalCode": "560001",
        "formatted": ["Asha Rao", "12 MG Road", "Bengaluru 560001", "Karnataka"],
    }
    [group] = set_["checkout"]["groups"]
    assert [one["price"]["amountMinor"] for one in group["deliveries"]] == [4900]
    assert (group["chosen"], codes(set_["checkout"])) == (None, ["DELIVERY_NOT_CHOSEN"])
    chosen = await client.do(
        "chooseDelivery",
        {"checkoutId": id, "vendorId": gid(shop.vendor), "rateId": gid(shop.rate)},
        f"checkout {{ {FIELDS} }}",
    )
    found = chosen["checkout"]
    assert codes(found) == []
    [group] = found["groups"]
    assert group["chosen"] == {"rate": {"id": gid(shop.rate)}, "price": {"amountMinor": 4900}}
    [line] = group["lines"]
    assert (line["kind"], line["quantity"], line["variant"]) == (
        "GOODS",
        2,
        {"id": gid(shop.variant)},
    )
    assert (line["goods"]["amountMinor"], line["total"]["amountMinor"]) == (20000, 24900)
    assert found["totals"]["total"] == {"amountMinor": 24900, "currency": "INR"}
    assert found["toPay"] == {"amountMinor": 24900}
    assert await buying.read(id) == found


async def test_create_checkout_returns_the_open_one_of_the_cart(world: World, api: Client) -> None:
    buying = await Buying.make(world, api)
    first = await buying.start()
    assert await buying.start() == first
    assert await buying.start(currency="EUR") != first
    row = await of(world, first)
    row.expires_at = now()
    await world.save(row)
    assert (await buying.read(first))["state"] == "EXPIRED"
    again = await buying.start()
    assert again != first
    assert (await of(world, first)).state is CheckoutState.EXPIRED


async def test_create_checkout_at_once(world: World, api: Client) -> None:
    """Several tabs get one checkout, because each locks the user before it looks for one."""
    buying = await Buying.make(world, api)
    assert len(set(await asyncio.gather(*(buying.start() for _ in range(8))))) == 1


async def test_create_checkout_as_others_and_of_nothing(world: World, api: Client) -> None:
    buying = await Buying.make(world, api)
    input = creating(buying.cart)
    assert await api.mutation_failed("createCheckout", input) == ["UNAUTHENTICATED"]
    stranger = api.signed_in(await world.user())
    assert await stranger.refusal_codes("createCheckout", input) == ["NOT_FOUND"]
    assert await buying.client.refusal_codes("createCheckout", creating(None)) == ["CHECKOUT_EMPTY"]
    buying.cart.state = CartState.ORDERED
    await world.save(buying.cart)
    assert await buying.client.refusal_codes("createCheckout", input) == ["NOT_FOUND"]


def every_change(buying: Buying, id: str) -> dict[str, dict[str, Any]]:
    """Return the input of each mutation of a checkout."""
    shop = buying.shop
    return {
        "setCheckoutAddress": {"checkoutId": id, "shipTo": {"address": INDIAN}},
        "chooseDelivery": {
            "checkoutId": id,
            "vendorId": gid(shop.vendor),
            "rateId": gid(shop.rate),
        },
        "applyPromoCode": {"checkoutId": id, "code": "TENTH"},
        "removePromoCode": {"checkoutId": id, "promoCodeId": unknown("PromoCode")},
        "useWallet": {"checkoutId": id, "amountMinor": "100"},
        "discardCheckout": {"checkoutId": id},
    }


async def test_a_checkout_is_its_users_alone(world: World, api: Client) -> None:
    buying = await Buying.make(world, api)
    await world.promo_code(code="TENTH")
    id = await buying.start()
    owner = await world.user()
    others = [await world.user(), await world.admin(), owner]
    await world.member(buying.shop.vendor, owner, MemberRole.OWNER)
    assert await api.failed(CHECKOUT, id=id) == ["UNAUTHENTICATED"]
    for other in others:
        assert (await api.signed_in(other).ask(CHECKOUT, id=id))["checkout"] is None
    for name, input in every_change(buying, id).items():
        assert await api.mutation_failed(name, input) == ["UNAUTHENTICATED"]
        for other in others:
            client = api.signed_in(other)
            assert await client.refusal_codes(name, input) == ["NOT_FOUND"], name
    for name, input in every_change(buying, id).items():
        assert await buying.client.refusal_codes(name, input) == [], name
    assert await buying.read(id) is not None


async def test_an_ended_checkout_cannot_be_changed(world: World, api: Client) -> None:
    buying = await Buying.make(world, api)
    discarded = await buying.start()
    await buying.client.do(
        "setCheckoutAddress", every_change(buying, discarded)["setCheckoutAddress"]
    )
    await buying.client.do("discardCheckout", {"checkoutId": discarded})
    row = await of(world, discarded)
    assert (row.state, row.ship_to) == (CheckoutState.EXPIRED, None)
    past = await buying.start()
    row = await of(world, past)
    row.expires_at = now()
    await world.save(row)
    for id in (discarded, past):
        found = await buying.read(id)
        assert (found["state"], found["groups"], found["totals"]) == ("EXPIRED", [], None)
        for name, input in every_change(buying, id).items():
            assert await buying.client.refusal_codes(name, input) == ["CHECKOUT_EXPIRED"], name


async def test_a_change_lets_it_expire_later(world: World, api: Client) -> None:
    buying = await Buying.make(world, api)
    id = await buying.start()
    for name, input in every_change(buying, id).items():
        if name in {"applyPromoCode", "discardCheckout"}:
            continue
        row = await of(world, id)
        row.expires_at = now() + timedelta(minutes=1)
        await world.save(row)
        assert await buying.client.refusal_codes(name, input) == []
        assert (await of(world, id)).expires_at > now() + timedelta(minutes=29)


async def test_ended_checkouts_are_deleted_and_ordered_ones_stay(world: World, api: Client) -> None:
    buying = await Buying.make(world, api)
    past = now() - timedelta(days=KEPT_DAYS, hours=1)
    ended, ordered, recent = [
        await world.checkout(buying.cart, currency=currency, **values)
        for currency, values in (
            ("INR", {"expires_at": past}),
            ("EUR", {"expires_at": past, "state": CheckoutState.ORDERED}),
            ("USD", {}),
        )
    ]
    async with world.database.session() as session, session.begin():
        for task in CLEANUP:
            assert not await task(session, 1)
    left = [await world.fresh(one) is not None for one in (ended, ordered, recent)]
    assert left == [False, True, True]


async def test_set_checkout_address_of_the_book(world: World, api: Client) -> None:
    buying = await Buying.make(world, api)
    id = await buying.start()
    saved = await world.address(buying.buyer, label="Home")
    foreign = await world.address(await world.user())
    given = {"checkoutId": id, "shipTo": {"addressId": gid(saved)}}
    fields = f"checkout {{ {FIELDS} }}"
    found = await buying.client.do("setCheckoutAddress", given, fields)
    assert found["checkout"]["shipTo"]["city"] == "Bengaluru"
    await buying.client.do("deleteAddress", {"addressId": gid(saved)})
    assert (await buying.read(id))["shipTo"] == found["checkout"]["shipTo"]
    given = {"checkoutId": id, "billTo": {"addressId": gid(foreign)}}
    refused = await buying.client.do("setCheckoutAddress", given, fields)
    assert errors(refused) == [("NOT_FOUND", ["billTo", "addressId"])]
    emptied = await buying.client.do(
        "setCheckoutAddress", {"checkoutId": id, "shipTo": None}, fields
    )
    assert emptied["checkout"]["shipTo"] is None


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"postalCode": "110001"}, "postalCode"),
        ({"postalCode": None}, "postalCode"),
        ({"subdivision": None}, "subdivision"),
        ({"city": None}, "city"),
        ({"recipient": ""}, "recipient"),
        ({"latitude": 1.5}, "longitude"),
    ],
)
async def test_set_checkout_address_by_the_rules_of_the_country(
    world: World, api: Client, changes: dict[str, Any], field: str
) -> None:
    buying = await Buying.make(world, api)
    given = {"checkoutId": await buying.start(), "shipTo": {"address": INDIAN | changes}}
    refused = await buying.client.do("setCheckoutAddress", given)
    assert errors(refused) == [("INVALID_INPUT", ["shipTo", "address", field])]


async def test_tax_number_of_the_buyer(world: World, api: Client) -> None:
    buying = await Buying.make(world, api)
    id = await buying.start()
    given = {"checkoutId": id, "buyerTaxId": GSTIN}
    assert await buying.client.refusal_codes("setCheckoutAddress", given) == ["ADDRESS_MISSING"]
    address = {"shipTo": {"address": INDIAN}}
    for number, refusals in (("29ABC", ["TAX_ID_INVALID"]), (GSTIN, [])):
        input = given | address | {"buyerTaxId": number}
        assert await buying.client.refusal_codes("setCheckoutAddress", input) == refusals
    assert (await buying.read(id))["buyerTaxId"] == GSTIN
    # The number is of Karnataka, and is checked again with another address.
    delhi = INDIAN | {"city": "Delhi", "subdivision": "Delhi", "postalCode": "110001"}
    moved = {"checkoutId": id, "shipTo": {"address": delhi}}
    assert await buying.client.refusal_codes("setCheckoutAddress", moved) == ["TAX_ID_INVALID"]
    billed = moved | {"billTo": {"address": INDIAN}}
    assert await buying.client.refusal_codes("setCheckoutAddress", billed) == []


async def test_choose_delivery_refuses_what_is_not_offered(world: World, api: Client) -> None:
    buying = await Buying.make(world, api)
    id, shop, other = await buying.start(), buying.shop, await DeliveringShop.make(world)
    given = {"checkoutId": id, "vendorId": gid(shop.vendor), "rateId": gid(shop.rate)}
    assert await buying.client.refusal_codes("chooseDelivery", given) == ["ADDRESS_MISSING"]
    german = {
        "country": "DE",
        "recipient": "Jo",
        "streetLines": ["Am Tor 1"],
        "city": "Bonn",
        "postalCode": "53111",
    }
    for address, expected in ((german, ["NO_DELIVERY"]), (INDIAN, [])):
        set_ = {"checkoutId": id, "shipTo": {"address": address}}
        await buying.client.do("setCheckoutAddress", set_)
        assert await buying.client.refusal_codes("chooseDelivery", given) == expected
    for changes in ({"vendorId": gid(other.vendor)}, {"rateId": gid(other.rate)}):
        input = given | changes
        assert await buying.client.refusal_codes("chooseDelivery", input) == ["NOT_FOUND"]


async def test_promo_codes_are_entered_and_removed(world: World, api: Client) -> None:
    buying = await Buying.make(world, api)
    id = await buying.start()
    code = await world.promo_code(buying.shop.vendor, code="TENTH")
    given = {"checkoutId": id, "code": " tenth "}
    for _ in range(2):  # a code is entered once
        found = await buying.client.do("applyPromoCode", given, f"checkout {{ {FIELDS} }}")
        assert found["checkout"]["codes"] == [
            {"promoCodeId": gid(code), "codeText": "TENTH", "discount": {"amountMinor": 2000}}
        ]
    assert found["checkout"]["totals"]["discount"] == {"amountMinor": 2000}
    assert (await world.fresh(code)).used == 0
    code.state, code.ended_at = PromoCodeState.ENDED, now()
    await world.save(code)
    found = await buying.read(id)
    assert "PROMO_NOT_VALID" in codes(found)
    assert found["codes"][0]["discount"] == {"amountMinor": 0}
    removed = await buying.client.do(
        "removePromoCode",
        {"checkoutId": id, "promoCodeId": gid(code)},
        f"checkout {{ {FIELDS} }}",
    )
    assert (removed["checkout"]["codes"], codes(removed["checkout"])) == ([], ["ADDRESS_MISSING"])


async def test_promo_codes_that_are_refused(world: World, api: Client) -> None:
    buying = await Buying.make(world, api)
    id = await buying.start()
    other = await world.vendor()
    await world.promo_code(code="PLAIN")
    await world.promo_code(code="ENDED", state=PromoCodeState.ENDED, ended_at=now())
    await world.promo_code(code="LATER", valid_from=now() + timedelta(days=1))
    await world.promo_code(code="EUROS", currency="EUR")
    await world.promo_code(code="TAKEN", capacity=1, used=1)
    await world.promo_code(code="DEAR", minimum=200_01)
    await world.promo_code(other, code="OTHERS")
    await world.promo_code(buying.shop.vendor, code="ALONE")
    expected = {
        "NOTHING": "PROMO_NOT_VALID",
        "ENDED": "PROMO_NOT_VALID",
        "LATER": "PROMO_NOT_VALID",
        "EUROS": "PROMO_NOT_VALID",
        "TAKEN": "PROMO_USED_UP",
        "DEAR": "PROMO_NOT_APPLICABLE",
        "OTHERS": "PROMO_NOT_APPLICABLE",
        "PLAIN": None,
        "ALONE": "PROMO_NOT_APPLICABLE",
    }
    for code, refusal in expected.items():
        input = {"checkoutId": id, "code": code}
        found = await buying.client.refusal_codes("applyPromoCode", input)
        assert found == ([refusal] if refusal else []), code
    assert [one["codeText"] for one in (await buying.read(id))["codes"]] == ["PLAIN"]


async def test_a_code_that_several_vendors_have_is_that_of_the_checkout(
    world: World, api: Client
) -> None:
    """Entered again, it is that of the platform. One that can be used comes before the others."""
    buying = await Buying.make(world, api)
    id = await buying.start()
    for _ in range(2):
        await world.promo_code(await world.vendor(), code="TENTH")
    codes: dict[str, Any] = {"code": "TENTH", "combines": True}
    day = timedelta(days=1)
    over: dict[str, Any] = {"valid_from": now() - 2 * day, "valid_until": now() - day}
    ended = await world.promo_code(**codes, **over)
    own = await world.promo_code(buying.shop.vendor, **codes)
    given = {"checkoutId": id, "code": "tenth"}
    found = await buying.client.do("applyPromoCode", given, f"checkout {{ {FIELDS} }}")
    assert [one["promoCodeId"] for one in found["checkout"]["codes"]] == [gid(own)]
    again = await buying.client.do("applyPromoCode", given, f"checkout {{ {FIELDS} }}")
    assert again["checkout"]["codes"] == found["checkout"]["codes"], "the platform's is over"
    ended.end()
    await world.save(ended)
    ours = await world.promo_code(code="TENTH", combines=True)
    for _ in range(2):
        found = await buying.client.do("applyPromoCode", given, f"checkout {{ {FIELDS} }}")
        assert [one["promoCodeId"] for one in found["checkout"]["codes"]] == [gid(own), gid(ours)]


async def test_a_checkout_has_a_few_codes(world: World, api: Client) -> None:
    buying = await Buying.make(world, api)
    known = [new_id() for _ in range(MAX_CODES)]
    checkout = await world.checkout(buying.cart, promo_code_ids=known)
    await world.promo_code(code="PLAIN")
    input = {"checkoutId": gid(checkout), "code": "PLAIN"}
    refused = await buying.client.refusal_codes("applyPromoCode", input)
    assert refused == ["CHECKOUT_CODE_LIMIT_REACHED"]


async def test_use_wallet(world: World, api: Client) -> None:
    buying = await Buying.make(world, api)
    id = await buying.start()
    await world.fund(buying.buyer, 50_00)
    for amount, problems in ((50_00, []), (50_01, ["WALLET_TOO_LOW"]), (0, [])):
        input = {"checkoutId": id, "amountMinor": str(amount)}
        found = await buying.client.do("useWallet", input, f"checkout {{ {FIELDS} }}")
        assert codes(found["checkout"])[1:] == problems
        assert found["checkout"]["toPay"] == {"amountMinor": 200_00 - amount}
    input = {"checkoutId": id, "amountMinor": "-1"}
    assert await buying.client.mutation_failed("useWallet", input) == ["BAD_USER_INPUT"]


async def test_a_page_of_a_checkout_sends_the_same_statements_for_one_vendor_and_for_twenty(
    world: World, api: Client
) -> None:
    counts = []
    for vendors in (1, 20):
        buyer = await world.user()
        shops = [await DeliveringShop.make(world) for _ in range(vendors)]
        cart = await world.cart(buyer, *((shop.variant, 1) for shop in shops))
        checkout = await world.checkout(cart, rates=tuple(shop.rate for shop in shops))
        client = api.signed_in(buyer)
        found = (await client.ask(CHECKOUT, id=gid(checkout)))["checkout"]
        assert (len(found["groups"]), codes(found)) == (vendors, [])
        counts.append(len(await statements(client, CHECKOUT, id=gid(checkout))))
    assert counts[0] == counts[1]
