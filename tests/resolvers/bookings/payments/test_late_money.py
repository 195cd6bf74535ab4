"""Money for bookings that arrives after the end of its order."""

from sqlmodel import select

from models.bookings.bookings import BookingState
from models.identity.accounts import User
from models.notifications.inbox import Notification, NotificationKind
from services.notifications.kinds import declared_kinds
from tests.client import Client
from tests.factories.world import World
from tests.resolvers.bookings.inputs import hold_input, keyed
from tests.resolvers.bookings.paying import DEPOSIT, PayingCustomer


async def test_late_money_takes_the_same_time_again(world: World, api: Client) -> None:
    ordering = await PayingCustomer.begin(world, api)
    await ordering.place()
    await ordering.order.expire()
    await ordering.order.receive_money()
    confirmed = await ordering.now()
    assert confirmed.state is BookingState.CONFIRMED
    assert confirmed.paid_online == DEPOSIT
    assert len(await ordering.clinic.claims(ordering.clinic.asha)) == 1
    assert await ordering.order.refunded() == []


async def test_late_money_goes_back_if_the_time_is_taken(world: World, api: Client) -> None:
    """Never another time unasked."""
    ordering = await PayingCustomer.begin(world, api)
    await ordering.place()
    await ordering.order.expire()
    clinic = ordering.clinic
    other = api.signed_in(await world.user())
    input = hold_input(clinic.visit, ordering.booking.starts_at, clinic.asha)
    assert await other.refusal_codes("holdBooking", input) == []
    await ordering.order.receive_money()
    assert (await ordering.now()).state is BookingState.EXPIRED
    assert await ordering.order.refunded() == [("LATE_PAYMENT", DEPOSIT)]
    assert len(await clinic.claims(clinic.asha)) == 1
    assert "Join the waitlist" in await text_of_return(world)


async def test_late_money_for_a_cancelled_order_offers_no_waitlist(
    world: World, api: Client
) -> None:
    """The customer gave the time up."""
    ordering = await PayingCustomer.begin(world, api)
    placed = await ordering.place()
    cancel = {"orderId": placed["order"]["id"], **keyed()}
    assert await ordering.customer.refusal_codes("cancelOrder", cancel) == []
    await ordering.order.receive_money()
    assert await ordering.order.refunded() == [("LATE_PAYMENT", DEPOSIT)]
    text = await text_of_return(world)
    assert "came too late" in text
    assert "waitlist" not in text


async def text_of_return(world: World) -> str:
    kind = NotificationKind.PAYMENT_RETURNED
    async with world.database.session() as session:
        rows = select(Notification).where(Notification.kind == kind)
        notice = (await session.exec(rows)).one()
        user = await session.get_one(User, notice.user_id)
        return (await declared_kinds()[kind].compose(session, notice, user)).mail_body
