"""Bookings whose payments the banks of their customers dispute."""

import pytest
from sqlmodel import col, update

from core.clock import now
from models.bookings.bookings import BookingState
from models.payments.disputes import Dispute, DisputeState
from models.payments.payments import Payment, PaymentProvider, PaymentSplit
from models.vendors import MemberRole
from tests.client import Client
from tests.factories.world import World
from tests.resolvers.bookings.inputs import cancel_input
from tests.resolvers.bookings.paying import DEPOSIT, PayingCustomer


async def disputed(world: World, api: Client, state: DisputeState) -> PayingCustomer:
    """Return the customer of a booking whose deposit a bank has taken back."""
    paying = await PayingCustomer.begin(world, api)
    await paying.buy()
    payment = await world.first(Payment)
    ended_at = now() if state.is_final else None
    dispute = Dispute(
        payment_id=payment.id,
        provider=PaymentProvider.STRIPE,
        reference="dp_1",
        dispute_state=state,
        reason="fraudulent",
        amount=DEPOSIT,
        currency="INR",
        taken_at=now(),
        ended_at=ended_at,
    )
    await world.save(dispute)
    async with world.database.session() as session, session.begin():
        of_payment = update(Payment).where(col(Payment.id) == payment.id)
        await session.exec(of_payment.values(disputed=DEPOSIT))
        split = update(PaymentSplit).where(col(PaymentSplit.payment_id) == payment.id)
        await session.exec(split.values(disputed=DEPOSIT))
    return paying


async def test_a_booking_waits_for_the_bank(world: World, api: Client) -> None:
    """A refund now could pay the customer twice."""
    paying = await disputed(world, api, DisputeState.NEEDS_RESPONSE)
    cancel = cancel_input(paying.booking)
    assert await paying.customer.refusal_codes("cancelBooking", cancel) == ["PAYMENT_DISPUTED"]
    assert (await paying.now()).state is BookingState.CONFIRMED


@pytest.mark.parametrize("by_vendor", [False, True])
async def test_money_that_a_bank_has_given_back_is_not_refunded(
    world: World, api: Client, by_vendor: bool
) -> None:
    """The time is free for others, and the customer is paid once."""
    paying = await disputed(world, api, DisputeState.LOST)
    staff = api.signed_in(await paying.clinic.member(MemberRole.STAFF))
    client = staff if by_vendor else paying.customer
    assert await client.refusal_codes("cancelBooking", cancel_input(paying.booking)) == []
    assert await paying.order.refunded() == []
    cancelled = await paying.now()
    assert (cancelled.state, cancelled.paid_online) == (BookingState.CANCELLED, 0)
    assert await paying.clinic.claims(paying.clinic.asha) == []
