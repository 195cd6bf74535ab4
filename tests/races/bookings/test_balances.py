"""The desk takes the rest of a price while its customer pays it online: one of both is kept."""

import asyncio
from collections.abc import Awaitable, Callable
from uuid import UUID

import pytest
from sqlmodel import col, select

from core.database import Database
from core.statements.selected import columns_of
from core.statements.statement import Statement, any_of
from models.bookings.bookings import Booking
from models.payments.payments import Payment
from services.bookings.desk import payments
from services.bookings.holding.access import lock_customers_booking
from services.bookings.ordering import balances
from tests.client import Client
from tests.factories.order_of_user import collect_money
from tests.factories.world import World
from tests.invariants import check_invariants
from tests.races.meeting import Meeting
from tests.resolvers.bookings.paying import PRICE, PayingCustomer
from tests.resolvers.bookings.payments.test_balances import (
    REST,
    LastOrder,
    at_desk,
    settle_surplus,
    surplus,
    with_deposit,
)

Codes = list[str]
ROUNDS = 3
UNLOCKED = Statement(
    select(*columns_of(Booking)).where(any_of(col(Booking.balance_line_id))), Booking
)


async def order_rest(world: World, api: Client) -> tuple[PayingCustomer, UUID]:
    """Return a customer who has ordered the rest of a price, and the payment of that."""
    paying = await with_deposit(world, api)
    await paying.place()
    order = await LastOrder(world, paying.clinic.customer).order()
    async with world.database.session() as session:
        rows = select(Payment.id).where(Payment.order_id == order.id)
        return paying, (await session.exec(rows)).one()


async def both_pay(api: Client, database: Database, paying: PayingCustomer, payment: UUID) -> Codes:
    """Take the rest online and at the desk at once. Returns the desk's refusals."""
    online = collect_money(database, payment)
    _, codes = await asyncio.gather(online, at_desk(api, paying, REST))
    await settle_surplus(paying.world, paying.booking)
    return codes


async def test_the_rest_is_never_kept_twice(world: World, api: Client, database: Database) -> None:
    for _ in range(ROUNDS):
        paying, payment = await order_rest(world, api)
        codes = await both_pay(api, database, paying, payment)
        booking = await paying.now()
        assert codes in ([], ["VISIT_OVERPAID"])
        assert booking.paid_online + booking.paid_at_desk == PRICE
        assert await surplus(paying) == 0
    await check_invariants(database)


async def test_without_the_lock_it_is_kept_twice(
    world: World, api: Client, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    paying, payment = await order_rest(world, api)
    met = Meeting()

    class Unlocked:
        fetch: Callable[..., Awaitable[list[Booking]]] = staticmethod(met.after(UNLOCKED.fetch))

    monkeypatch.setattr(balances, "OF_BALANCES", Unlocked)
    locked = met.after(lock_customers_booking)
    monkeypatch.setattr(payments, "lock_customers_booking", locked)
    codes = await both_pay(api, database, paying, payment)
    booking = await paying.now()
    assert codes == []
    assert booking.paid_online + booking.paid_at_desk == PRICE + REST
    assert await surplus(paying) == 0
