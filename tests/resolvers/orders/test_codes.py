"""Promo codes are used by orders that they take something off, and come back from others."""

from typing import Any

import pytest
from sqlmodel import col, select

from models.orders.lines import OrderDiscount
from models.orders.states import OrderState
from models.pricing.discounts import PromoKind
from models.vendors import MemberRole
from tests.client import Client, gid
from tests.factories.buying import PRICE, Buyer, Stall
from tests.factories.vendors import new_member
from tests.factories.world import World
from tests.invariants import check_invariants


async def test_codes_are_used_and_given_back(world: World, api: Client) -> None:
    shop, other = await Stall.open(world), await Stall.open(world)
    own = await world.promo_code(shop.vendor, combines=True)
    platform = await world.promo_code(kind=PromoKind.AMOUNT, value=1_000, combines=True)
    buyer = await Buyer.create(world, api)
    await buyer.fill(shop.variant, other.variant, codes=(own, platform))
    placed = await buyer.place(2 * PRICE - 2_000)
    assert placed["errors"] == []
    async with world.database.session() as session:
        rows = select(OrderDiscount).order_by(col(OrderDiscount.amount))
        assert sum(one.amount for one in await session.exec(rows)) == 2_000
    assert [(await world.fresh(code)).used for code in (own, platform)] == [1, 1]
    await check_invariants(world.database)
    cancelled = {"orderId": placed["order"]["id"], "idempotencyKey": "cancel"}
    assert await buyer.client.refusal_codes("cancelOrder", cancelled) == []
    assert [(await world.fresh(code)).used for code in (own, platform)] == [0, 0]
    await check_invariants(world.database)


async def test_a_paid_order_that_is_cancelled_whole_gives_its_codes_back(
    world: World, api: Client
) -> None:
    """A buyer keeps a code whose order no vendor delivers: magento/magento2#19545."""
    shop, other = await Stall.open(world), await Stall.open(world)
    code = await world.promo_code(kind=PromoKind.AMOUNT, value=1_000, capacity=1)
    buyer = await Buyer.create(world, api)
    total = 2 * PRICE - 1_000
    await buyer.fill(shop.variant, other.variant, codes=(code,), wallet=total)
    await world.fund(buyer.user, total)
    assert (await buyer.place(total, provider="WALLET"))["order"]["state"] == "CONFIRMED"
    used = []
    for vendor, part in zip((shop.vendor, other.vendor), await buyer.parts(), strict=True):
        seller = api.signed_in(await new_member(world, vendor, MemberRole.STAFF))
        given = {"suborderId": gid(part), "reason": "It is broken", "idempotencyKey": "one"}
        assert await seller.refusal_codes("rejectSuborder", given) == []
        used.append((await world.fresh(code)).used)
        await check_invariants(world.database)
    assert used == [1, 0]
    await buyer.again(shop.variant, codes=(code,))
    assert (await buyer.place(PRICE - 1_000))["errors"] == []
    await check_invariants(world.database)


@pytest.mark.parametrize("limit", [{"capacity": 1, "per_user": 2}, {"capacity": 5}])
async def test_own_unpaid_order_with_the_same_code_is_cancelled_first(
    world: World, api: Client, limit: dict[str, Any]
) -> None:
    """A payment that was given up keeps no code from its buyer: mollie/Shopware#439."""
    shop = await Stall.open(world, variants=2)
    code = await world.promo_code(kind=PromoKind.AMOUNT, value=1_000, **limit)
    buyer = await (await Buyer.create(world, api)).fill(shop.variants[0], codes=(code,))
    assert (await buyer.place(PRICE - 1_000))["errors"] == []
    await buyer.again(shop.variants[1])
    entered = {"checkoutId": gid(buyer.checkout), "code": code.code}
    assert await buyer.client.refusal_codes("applyPromoCode", entered) == []
    assert (await buyer.place(PRICE - 1_000))["errors"] == []
    states = [order.state for order in await buyer.orders()]
    assert states == [OrderState.CANCELLED, OrderState.PENDING]
    assert (await world.fresh(code)).used == 1
    other = await (await Buyer.create(world, api)).fill(shop.variants[0])
    refused = await other.client.refusal_codes(
        "applyPromoCode", {"checkoutId": gid(other.checkout), "code": code.code}
    )
    assert refused == (["PROMO_USED_UP"] if limit["capacity"] == 1 else [])
    await check_invariants(world.database)


async def test_a_code_that_takes_nothing_off_is_not_used_up(world: World, api: Client) -> None:
    shop = await Stall.open(world)
    code = await world.promo_code(kind=PromoKind.FREE_DELIVERY, value=0, capacity=1)
    buyer = await (await Buyer.create(world, api)).fill(shop.variant, codes=(code,))
    assert (await buyer.place())["errors"] == []
    assert (await world.fresh(code)).used == 0
    await check_invariants(world.database)


async def test_a_code_that_stops_to_apply_refuses_the_order(world: World, api: Client) -> None:
    """It is not left out silently, for the buyer would pay more than was shown: saleor#549."""
    shop = await Stall.open(world)
    code = await world.promo_code(minimum=2 * PRICE)
    buyer = await Buyer.create(world, api)
    await buyer.fill(shop.variant, quantity=2, codes=(code,))
    fewer = {"variantId": gid(shop.variant), "quantity": 1}
    assert await buyer.client.refusal_codes("setCartLine", fewer) == []
    for total in (PRICE, PRICE * 9 // 10):
        refused = await buyer.client.refusal_codes("placeOrder", buyer.input(total))
        assert refused == ["PROMO_NOT_APPLICABLE"]
    again = fewer | {"quantity": 2}
    assert await buyer.client.refusal_codes("setCartLine", again) == []
    admin = api.signed_in(await world.admin())
    assert await admin.refusal_codes("endPromoCode", {"promoCodeId": gid(code)}) == []
    for total in (2 * PRICE, 2 * PRICE * 9 // 10):
        refused = await buyer.client.refusal_codes("placeOrder", buyer.input(total))
        assert refused == ["PROMO_NOT_VALID"]
    assert await buyer.orders() == []


async def test_a_repeated_request_uses_a_code_once(world: World, api: Client) -> None:
    """A payment in two steps is one use: saleor#8219."""
    shop = await Stall.open(world)
    code = await world.promo_code(kind=PromoKind.AMOUNT, value=1_000, per_user=2)
    buyer = await (await Buyer.create(world, api)).fill(shop.variant, codes=(code,))
    first = await buyer.place(PRICE - 1_000, key="one")
    assert await buyer.place(PRICE - 1_000, key="one") == first
    admin = api.signed_in(await world.admin())
    paid = {
        "orderId": first["order"]["id"],
        "amountMinor": PRICE - 1_000,
        "currency": "INR",
        "reference": "UTR-1",
        "idempotencyKey": "one",
    }
    assert await admin.refusal_codes("recordPayment", paid) == []
    assert (await buyer.order()).state is OrderState.CONFIRMED
    assert (await world.fresh(code)).used == 1
    await check_invariants(world.database)
