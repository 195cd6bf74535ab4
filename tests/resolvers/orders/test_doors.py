"""Refunds by each door: units come back once, and the balance of the vendor moves at once."""

from collections.abc import Awaitable, Callable
from itertools import permutations
from typing import Any

import pytest

from core.ids import new_id
from models.pricing.deductions import DeductionRates
from tests.client import Client, gid
from tests.factories.world import World
from tests.invariants import check_invariants
from tests.invariants.ledger import check_books
from tests.resolvers.orders.handling import SoldOrder
from tests.resolvers.shipments.parcels import Parcels

Door = Callable[[SoldOrder], Awaitable[list[str]]]
UNITS = 2


def key() -> dict[str, str]:
    return {"idempotencyKey": str(new_id())}


def order(sale: SoldOrder) -> dict[str, Any]:
    return {"orderId": gid(sale.placed.order), "reason": "Sorry"} | key()


async def deliver(sale: SoldOrder) -> None:
    shipment = await Parcels(sale).shipped(UNITS)
    assert (await Parcels(sale).report(shipment, "DELIVERED", 1))["errors"] == []


async def cancel(sale: SoldOrder) -> list[str]:
    return await sale.buyer.refusal_codes("cancelOrder", order(sale))


async def cancel_lines(sale: SoldOrder) -> list[str]:
    given = order(sale) | {"lines": sale.units(UNITS)}
    return await sale.buyer.refusal_codes("cancelOrderLines", given)


async def reject(sale: SoldOrder) -> list[str]:
    given = {"suborderId": gid(sale.part), "reason": "Sold out"} | key()
    return await sale.seller.refusal_codes("rejectSuborder", given)


async def sold_out(sale: SoldOrder) -> list[str]:
    return await sale.seller.refusal_codes("cancelSuborderLines", sale.chosen(UNITS) | key())


async def grant(sale: SoldOrder) -> list[str]:
    given = sale.chosen(UNITS, restock=True) | key()
    return await sale.seller.refusal_codes("grantRefund", given)


async def grant_as_admin(sale: SoldOrder) -> list[str]:
    admin = sale.api.signed_in(await sale.world.admin())
    given = order(sale) | {"lines": sale.units(UNITS), "restock": True}
    return await admin.refusal_codes("grantOrderRefund", given)


async def send_back(sale: SoldOrder) -> list[str]:
    payload = await sale.buyer.do(
        "requestReturn", sale.chosen(UNITS) | key(), "returnRequest { id }"
    )
    if payload["errors"]:
        return [one["code"] for one in payload["errors"]]
    answer = {"returnId": payload["returnRequest"]["id"]}
    accepted = await sale.seller.refusal_codes("acceptReturn", answer | key())
    return accepted or await sale.seller.refusal_codes("receiveReturn", answer | key())


BEFORE: list[Door] = [cancel, cancel_lines, reject, sold_out, grant_as_admin]
AFTER: list[Door] = [grant, grant_as_admin, send_back]


@pytest.mark.parametrize(
    ("is_delivered", "door"),
    [*((False, one) for one in BEFORE), *((True, one) for one in AFTER)],
)
async def test_a_refund_by_any_door_moves_the_balance_of_the_vendor(
    world: World, api: Client, is_delivered: bool, door: Door
) -> None:
    """In its transaction: no job runs here. The commission comes back as well."""
    sale = await SoldOrder.make(world, api, rates=DeductionRates(1_000, 1_800, 50, 10))
    if is_delivered:
        await deliver(sale)
    before = await world.balance(sale.vendor)
    assert before.pending == sale.part.vendor_net < sale.part.total
    assert await door(sale) == []
    part = await world.fresh(sale.part)
    left = (await world.balance(sale.vendor)).pending
    delivery = 0 if part.refunded == part.total else part.shipping
    assert (left, part.total - part.refunded) == (delivery, delivery)
    await check_books(world.database)
    await check_invariants(world.database)


@pytest.mark.parametrize(
    ("is_delivered", "doors"),
    [
        *((False, doors) for doors in permutations([cancel, sold_out, grant_as_admin])),
        *((True, doors) for doors in permutations([cancel, grant, send_back])),
    ],
)
async def test_units_come_back_once_by_whichever_door_comes_first(
    world: World, api: Client, is_delivered: bool, doors: tuple[Door, ...]
) -> None:
    """Each is tried twice. One of them puts the units back, and the others find none left."""
    sale = await SoldOrder.make(world, api)
    if is_delivered:
        await deliver(sale)
    before = (await world.stock_of(sale.line)).on_hand
    codes = [await door(sale) for door in (*doors, *doors)]
    assert [] in codes
    line = await world.fresh(sale.line)
    assert line.refunded == UNITS
    assert (await world.stock_of(sale.line)).on_hand == before + UNITS
    await check_invariants(world.database)
