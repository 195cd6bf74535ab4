"""Two hundred buyers order the last fifty units at once, and other ways to take what is one's last.

Every race ends with the sweep of all rows: nothing is oversold, lost or counted twice.
"""

import asyncio
from collections import Counter
from functools import partial
from itertools import cycle
from typing import Any
from uuid import UUID

import pytest

from core.database import Database
from core.ids import new_id
from models.errors import Refusal
from models.orders.states import OrderState
from models.vendors import MemberRole
from services.orders.placing.expiry import expire_order
from services.stock import levels
from services.transaction import Transactions
from tests.client import Client, gid
from tests.factories.buying import PRICE, Buyer, Stall, Unheard
from tests.factories.vendors import new_member
from tests.factories.world import World
from tests.invariants import check_invariants
from tests.races.crowd import Payload, at_once, crowd, tally
from tests.races.meeting import Meeting
from tests.races.unguarded import try_change

BUYERS, UNITS = 200, 50
FIELDS = "order { id } "


async def buyers(
    world: World, clients: list[Client], shop: Stall, size: int, **values: Any
) -> list[Buyer]:
    """Return buyers who have the goods in their checkouts, at the clients in turn."""
    found = [
        Buyer(world, user, client.signed_in(user))
        for user, client in zip(await crowd(world, size), cycle(clients), strict=False)
    ]
    for buyer in found:
        await buyer.fill(shop.variant, **values)
    return found


def ordering(buyer: Buyer, total: int = PRICE, **values: Any) -> Any:
    return buyer.client.do("placeOrder", buyer.input(total, **values), FIELDS)


async def test_exactly_the_last_units_are_ordered(
    world: World, clients: list[Client], database: Database
) -> None:
    """By checkout, while a member edits the stock, and each third buyer sends a retry as well."""
    shop = await Stall.open(world, on_hand=UNITS)
    people = await buyers(world, clients, shop, BUYERS)
    member = await new_member(world, shop.vendor, MemberRole.STAFF)
    calls = []
    for number, buyer in enumerate(people):
        key = str(new_id())
        calls += [ordering(buyer, key=key) for _ in range(1 + (number % 3 == 0))]

    async def edit(number: int) -> Payload:
        client = clients[number % len(clients)].signed_in(member)
        given = {"variantId": gid(shop.variant), "idempotencyKey": str(new_id())}
        written_off = await client.do("writeOffStock", given | {"quantity": 1})
        if written_off["errors"]:
            return written_off
        line = {"variantId": gid(shop.variant), "quantity": 1}
        received = {"vendorId": gid(shop.vendor), "lines": [line], "idempotencyKey": str(new_id())}
        return await client.do("receiveStock", received)

    answers, _ = await asyncio.gather(
        at_once(calls, most=32), at_once([edit(number) for number in range(20)], most=2)
    )
    placed = {answer["order"]["id"] for answer in answers if answer["order"]}
    assert set(tally(answers)) <= {"OK", "INSUFFICIENT_STOCK", "CHECKOUT_EXPIRED"}
    stock = await world.stock(shop.variant)
    assert stock.reserved == len(placed)
    # While the member has written a unit off and not received it again, one fewer can be ordered.
    late = [buyer for buyer in people if not await buyer.orders()][:20]
    more = await at_once(map(ordering, late), most=8)
    placed |= {answer["order"]["id"] for answer in more if answer["order"]}
    assert len(placed) == UNITS
    stock = await world.stock(shop.variant)
    assert (stock.on_hand, stock.reserved) == (UNITS, UNITS)
    await check_invariants(database)


async def test_more_than_the_last_units_are_ordered_without_the_guard(
    world: World, api: Client, monkeypatch: pytest.MonkeyPatch, database: Database
) -> None:
    monkeypatch.setattr(levels, "try_change", partial(try_change, Meeting()))
    shop = await Stall.open(world, on_hand=UNITS)
    people = await buyers(world, [api], shop, BUYERS)
    answers = tally(await at_once(map(ordering, people), most=32))
    assert answers["OK"] > UNITS
    with pytest.raises(AssertionError, match="differs from the sum of what is held"):
        await check_invariants(database)


async def test_one_checkout_is_ordered_once(
    world: World, clients: list[Client], database: Database
) -> None:
    """Forty requests with four keys: one order, which those with its key all return."""
    shop = await Stall.open(world)
    (buyer,) = await buyers(world, clients, shop, 1)
    keys = [str(number % 4) for number in range(40)]
    answers = await at_once((ordering(buyer, key=key) for key in keys), most=8)
    found = tally(answers)
    assert set(found) <= {"OK", "CHECKOUT_EXPIRED"}
    assert found["OK"] == 10
    assert len({answer["order"]["id"] for answer in answers if answer["order"]}) == 1
    assert (await world.stock(shop.variant)).reserved == 1
    await check_invariants(database)


async def test_a_wallet_pays_for_one_of_fifty_orders(
    world: World, clients: list[Client], database: Database
) -> None:
    """One user in fifty tabs: spree#11284. Each tab has its own goods, so none cancels another."""
    shops = await Stall.open(world, variants=50)
    (user,) = await crowd(world, 1)
    await world.fund(user, PRICE)
    tabs = []
    for variant, client in zip(shops.variants, cycle(clients), strict=False):
        tab = Buyer(world, user, client.signed_in(user))
        tabs.append(await tab.fill_other(variant, wallet=PRICE))
    answers = tally(await at_once((ordering(tab, provider="WALLET") for tab in tabs), most=16))
    assert answers == {"OK": 1, "WALLET_TOO_LOW": 49}
    assert await world.wallet(user) == (0, 0, 0)
    await check_invariants(database)


async def test_a_code_with_three_uses_is_used_three_times(
    world: World, clients: list[Client], database: Database
) -> None:
    """And an expired order gives one back: saleor#544, vendure PR#4660."""
    shop = await Stall.open(world, on_hand=200)
    code = await world.promo_code(capacity=3)
    people = await buyers(world, clients, shop, 100, codes=(code,))
    answers = tally(await at_once((ordering(one, PRICE - 1_000) for one in people), most=16))
    assert answers == {"OK": 3, "PROMO_USED_UP": 97}
    await check_invariants(database)
    winners = [buyer for buyer in people if await buyer.orders()]
    await winners[0].expire()
    assert (await world.fresh(code)).used == 2
    losers = [buyer for buyer in people if buyer not in winners][:10]
    answers = tally(await at_once((ordering(one, PRICE - 1_000) for one in losers), most=8))
    assert answers == {"OK": 1, "PROMO_USED_UP": 9}
    await check_invariants(database)


async def test_two_admins_and_the_expiry_at_once(
    world: World, clients: list[Client], database: Database
) -> None:
    """Each order is confirmed once, or has expired and returned all: never both."""
    shop = await Stall.open(world, on_hand=20)
    people = await buyers(world, clients, shop, 20)
    await at_once(map(ordering, people), most=8)
    admins = [await world.admin() for _ in range(2)]
    transactions = Transactions(database, Unheard())

    async def pay(number: int, buyer: Buyer, order_id: UUID) -> Payload:
        client = clients[number % len(clients)].signed_in(admins[number % 2])
        given = {
            "orderId": gid(await buyer.order()),
            "amountMinor": PRICE,
            "currency": "INR",
            "reference": f"UTR {order_id} {number % 2}",
            "idempotencyKey": str(new_id()),
        }
        return await client.do("recordPayment", given, FIELDS)

    async def expire(order_id: UUID) -> Payload:
        try:
            await expire_order(transactions.begin, order_id)
        except Refusal as refusal:
            return {"errors": [{"code": refusal.code}]}
        return {"errors": [], "reason": "EXPIRY"}

    calls = []
    for buyer in people:
        await buyer.end_hold()
        order = await buyer.order()
        calls += [pay(0, buyer, order.id), expire(order.id), pay(1, buyer, order.id)]
    answers: Counter[str] = tally(await at_once(calls, most=12))
    assert answers == {"OK": 20, "ORDER_PAID": 20, "EXPIRY": 20}
    states = Counter([(await buyer.order()).state for buyer in people])
    assert states == {OrderState.CONFIRMED: 20}
    stock = await world.stock(shop.variant)
    assert (stock.on_hand, stock.reserved) == (0, 0)
    await check_invariants(database)


async def test_buyers_cancel_while_admins_record(
    world: World, clients: list[Client], database: Database
) -> None:
    """A cancelled order is not paid, and a paid one is cancelled with a refund: the sums agree."""
    shop = await Stall.open(world, on_hand=20)
    people = await buyers(world, clients, shop, 20)
    await at_once(map(ordering, people), most=8)
    admin = await world.admin()
    calls = []
    for client, buyer in zip(cycle(clients), people, strict=False):
        order = await buyer.order()
        paid = {
            "orderId": gid(order),
            "amountMinor": PRICE,
            "currency": "INR",
            "reference": f"UTR {order.id}",
            "idempotencyKey": str(new_id()),
        }
        cancelled = {"orderId": gid(order), "idempotencyKey": str(new_id())}
        calls += [
            client.signed_in(admin).do("recordPayment", paid, FIELDS),
            buyer.client.do("cancelOrder", cancelled, FIELDS),
        ]
    answers = tally(await at_once(calls, most=12))
    assert set(answers) <= {"OK", "ORDER_STATE"}
    states = {(await buyer.order()).state for buyer in people}
    assert states == {OrderState.CANCELLED}
    stock = await world.stock(shop.variant)
    assert (stock.on_hand, stock.reserved) == (20, 0)
    await check_invariants(database)
