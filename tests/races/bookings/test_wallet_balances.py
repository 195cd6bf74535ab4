"""A customer pays the rest of a booking from the wallet, and cancels it in another window."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from core.database import Database
from services.bookings.holding.access import lock_booking
from services.bookings.ordering import refunding
from services.bookings.ordering.refunding import lock_orders_of
from services.ledger.wallets import hold_wallet
from services.orders.placing import placing
from tests.client import Client
from tests.factories.world import World
from tests.invariants import check_invariants
from tests.races.meeting import MAX_WAIT_SECONDS, POLL_SECONDS, waiting_for_locks
from tests.resolvers.bookings.inputs import cancel_input, keyed
from tests.resolvers.bookings.paying import PRICE, PayingCustomer

Call = Callable[..., Awaitable[Any]]


class Windows:
    """Lets the order go on from the wallet once the other call has the booking, or waits.

    `attempts` counts the transactions: one that PostgreSQL ends in a deadlock is repeated.
    """

    def __init__(self, monkeypatch: pytest.MonkeyPatch, database: Database) -> None:
        self.attempts, self._database = 0, database
        self._holds, self._booked = asyncio.Event(), asyncio.Event()
        monkeypatch.setattr(placing, "hold_wallet", self._holding(hold_wallet))
        monkeypatch.setattr(refunding, "lock_booking", self._booking(lock_booking))
        monkeypatch.setattr(refunding, "lock_orders_of", self._counting(lock_orders_of))

    def _holding(self, call: Call) -> Call:
        async def hold(*args: Any, **given: Any) -> Any:
            self.attempts += 1
            result = await call(*args, **given)
            self._holds.set()
            async with asyncio.timeout(MAX_WAIT_SECONDS):
                while not (self._booked.is_set() or await waiting_for_locks(self._database)):  # noqa: ASYNC110 - PostgreSQL signals nothing
                    await asyncio.sleep(POLL_SECONDS)
            return result

        return hold

    def _booking(self, call: Call) -> Call:
        async def lock(*args: Any, **given: Any) -> Any:
            result = await call(*args, **given)
            self._booked.set()
            return result

        return lock

    def _counting(self, call: Call) -> Call:
        async def find(*args: Any, **given: Any) -> Any:
            self.attempts += 1
            return await call(*args, **given)

        return find

    async def run(self, place: Awaitable[Any], cancel: Awaitable[Any]) -> tuple[Any, Any]:
        async def later() -> Any:
            await self._holds.wait()
            return await cancel

        placed, cancelled = await asyncio.gather(place, later())
        return placed, cancelled


async def order_from_wallet(paying: PayingCustomer) -> dict[str, Any]:
    """Return the input of an order that the wallet pays for."""
    checkout = await paying.check_out()
    total = checkout["totals"]["total"]["amountMinor"]
    taken = {"checkoutId": checkout["id"], "amountMinor": str(total)}
    assert await paying.customer.refusal_codes("useWallet", taken) == []
    return {
        "checkoutId": checkout["id"],
        "expectedTotalMinor": total,
        "provider": "WALLET",
        **keyed(),
    }


async def pay_and_cancel(
    world: World, api: Client, monkeypatch: pytest.MonkeyPatch
) -> tuple[tuple[list[str], list[str]], int]:
    """Return the refusals of both, and the number of their transactions."""
    paying = await PayingCustomer.begin(world, api)
    await world.fund(paying.clinic.customer, PRICE)
    deposit = await order_from_wallet(paying)
    assert await paying.customer.refusal_codes("placeOrder", deposit) == []
    rest, cancelled = await order_from_wallet(paying), cancel_input(await paying.now())
    windows = Windows(monkeypatch, world.database)
    codes = await windows.run(
        paying.customer.refusal_codes("placeOrder", rest),
        paying.customer.refusal_codes("cancelBooking", cancelled),
    )
    await check_invariants(world.database)
    return codes, windows.attempts


async def test_both_lock_the_wallet_before_the_booking(
    world: World, api: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    codes, attempts = await pay_and_cancel(world, api, monkeypatch)
    assert attempts == 2, "no deadlock"
    assert codes == ([], ["BOOKING_STATE"])


async def test_they_deadlock_if_one_locks_the_booking_first(
    world: World, api: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def nothing(*_: object) -> None: ...

    monkeypatch.setattr(refunding, "lock_codes_and_wallets", nothing)
    _, attempts = await pay_and_cancel(world, api, monkeypatch)
    assert attempts == 3
