"""A server is killed around the confirmation of a paid booking: confirmed, or refunded, never both.

The kills are sudden, at each step from the first look at the money to the commit and after it. The
provider reports the money again, perhaps when the order has expired and the time is taken.
"""

from dataclasses import dataclass

import pytest
from sqlmodel import select

from core.settings import Settings
from models.bookings.bookings import BookingState
from models.orders.orders import Order
from models.payments.payments import Payment
from services.bookings.holding import confirming, retaking
from services.bookings.ordering import order_lines
from services.journal import append as journal
from services.payments import returning, settling
from services.payments.subjects import orders
from tests.client import Client
from tests.factories.buying import Unheard
from tests.factories.order_of_user import collect_money
from tests.factories.world import World
from tests.invariants import check_invariants
from tests.invariants.ledger import check_books
from tests.killing import Moment, kill_while_settling
from tests.resolvers.bookings.inputs import hold_input
from tests.resolvers.bookings.paying import DEPOSIT, PayingCustomer

End = tuple[BookingState, list[tuple[str, int]]]
CONFIRMED: End = (BookingState.CONFIRMED, [])
REFUNDED: End = (BookingState.EXPIRED, [("LATE_PAYMENT", DEPOSIT)])
EXPIRED: End = (BookingState.EXPIRED, [])
COMMITTED: Moment = (Unheard, "publish")  # no process is notified
BEFORE_CONFIRMATION: Moment = (order_lines, "become_confirmed")
SETTLING: list[Moment] = [
    (settling, "try_to_confirm"),
    (orders, "confirm"),
    (orders, "post_money"),
    BEFORE_CONFIRMATION,
    (confirming, "keep_claims"),
    (confirming, "announce"),
    (settling, "end_others"),
    (journal, "write"),
]
RETAKING: list[Moment] = [
    (orders, "reserve_uses"),
    (order_lines, "retake_time"),
    (retaking, "take_claims"),
    BEFORE_CONFIRMATION,
    (journal, "write"),
]
RETURNING: list[Moment] = [
    (order_lines, "retake_time"),
    (settling, "return_payment"),
    (returning, "send_back"),
    (journal, "write"),
]


def name(moment: Moment) -> str:
    return moment[1]


@dataclass
class Killing:
    """A customer with a deposit to pay, whose payment is settled by servers that are killed."""

    paying: PayingCustomer
    payment: Payment
    settings: Settings
    monkeypatch: pytest.MonkeyPatch

    @property
    def world(self) -> World:
        return self.paying.world

    async def at(self, moment: Moment, *, apart: bool = False) -> None:
        await kill_while_settling(
            self.monkeypatch, self.settings, self.payment.id, moment, apart=apart
        )

    async def end(self) -> End:
        return (await self.paying.now()).state, await self.paying.order.refunded()

    async def report_twice(self) -> End:
        """Let the provider report the money twice, and sweep all rows. Returns the end of it."""
        ends = []
        for _ in range(2):
            await collect_money(self.world.database, self.payment.id)
            ends.append(await self.end())
        await check_invariants(self.world.database)
        await check_books(self.world.database)
        assert ends[0] == ends[1]
        return ends[0]

    async def give_to_another(self, api: Client) -> None:
        """Let the order expire, and another customer hold its time."""
        await self.paying.order.expire()
        clinic = self.paying.clinic
        other = api.signed_in(await self.world.user())
        input = hold_input(clinic.visit, self.paying.booking.starts_at, clinic.asha)
        assert await other.refusal_codes("holdBooking", input) == []


@pytest.fixture
async def killing(
    world: World, api: Client, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> Killing:
    paying = await PayingCustomer.begin(world, api)
    assert (await paying.place())["errors"] == []
    rows = select(Payment).join(Order).where(Order.user_id == paying.clinic.customer.id)
    async with world.database.session() as session:
        payment = (await session.exec(rows)).one()
    return Killing(paying, payment, settings, monkeypatch)


@pytest.mark.parametrize("moment", SETTLING, ids=name)
async def test_a_kill_before_the_commit_leaves_a_payment_that_confirms(
    killing: Killing, moment: Moment
) -> None:
    await killing.at(moment)
    assert await killing.end() == (BookingState.PENDING_PAYMENT, [])
    assert await killing.report_twice() == CONFIRMED


async def test_a_kill_after_the_commit_leaves_a_confirmed_booking(killing: Killing) -> None:
    await killing.at(COMMITTED)
    assert await killing.end() == CONFIRMED
    assert await killing.report_twice() == CONFIRMED


@pytest.mark.parametrize("moment", SETTLING, ids=name)
async def test_the_money_goes_back_if_the_time_is_taken_until_it_is_reported_again(
    killing: Killing, api: Client, moment: Moment
) -> None:
    await killing.at(moment)
    await killing.give_to_another(api)
    assert await killing.report_twice() == REFUNDED


@pytest.mark.parametrize("moment", [*RETAKING, COMMITTED], ids=name)
async def test_a_kill_while_late_money_takes_the_time_again(
    killing: Killing, moment: Moment
) -> None:
    await killing.paying.order.expire()
    await killing.at(moment)
    assert await killing.end() == (CONFIRMED if moment is COMMITTED else EXPIRED)
    assert await killing.report_twice() == CONFIRMED


@pytest.mark.parametrize("moment", [*RETURNING, COMMITTED], ids=name)
async def test_a_kill_while_late_money_is_returned(
    killing: Killing, api: Client, moment: Moment
) -> None:
    await killing.give_to_another(api)
    await killing.at(moment)
    assert await killing.end() == (REFUNDED if moment is COMMITTED else EXPIRED)
    assert await killing.report_twice() == REFUNDED


async def test_a_kill_leaves_neither_if_the_payment_is_committed_before(killing: Killing) -> None:
    """The control: the report of the provider comes again in vain."""
    await killing.at(BEFORE_CONFIRMATION, apart=True)
    with pytest.raises(AssertionError, match="a booking is confirmed and its order is not"):
        await killing.report_twice()
    assert await killing.end() == (BookingState.PENDING_PAYMENT, [])
