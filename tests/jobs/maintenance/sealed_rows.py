"""Rows with a value in each sealed column."""

from core.security.sealed import Sealer
from models.bookings.bookings import BookingSource
from models.bookings.intake import BookingAnswer, ServiceQuestion
from models.bookings.visits.desk import GuestDraft
from models.events.questions import AttendeeAnswer, EventQuestion
from models.events.tickets import AddressedReceiver, TransferTo
from models.identity.accounts import User
from models.identity.admin_invitations import AdminInvitation
from models.identity.email_changes import EmailChange
from models.identity.password_resets import PasswordReset
from models.questions import QuestionKind
from models.sealed_columns import sealed_name
from models.vendors import MemberRole
from services.bookings.guests import seal_guest
from services.identity.addresses.changed_addresses import seal_new_email, seal_old_email
from services.invoices.content.suborders import issue_suborder
from tests.client import Client
from tests.factories.downloads import license_key
from tests.factories.emails import give_email
from tests.factories.factors import answer_of
from tests.factories.members import invitation
from tests.factories.orders import empty_order
from tests.factories.world import World
from tests.resolvers.identity.phones.test_phone_codes import ask, new_number, own


async def plant(world: World, api: Client, sealer: Sealer) -> tuple[User, str]:
    """Return a user with a value in each sealed column, and the number of the phone."""
    number = new_number()
    user = await own(world, sealer, number)
    await world.totp(user)
    await world.application(user, await world.vendor(phone=number))
    await world.address(user)
    await ask(api, "requestLoginCode", number)
    await plant_emails(world, user)
    await plant_order(world, user)
    await plant_ticket(world, user)
    await plant_booking(world, user)
    await world.tax_registration(await world.vendor())
    (variant,) = await world.variants(await world.product(await world.vendor()))
    await world.save(license_key(world, variant.vendor_id, variant.id, "AAA-1"))
    await world.payout_account(await world.vendor(), user)
    placed = await world.placed_order(user, [await world.vendor()])
    async with world.database.session() as session, session.begin():
        await issue_suborder(session, sealer, placed.suborders[0].id)
    return user, number


async def plant_ticket(world: World, user: User) -> None:
    """Add a ticket with a name, a transfer to an address, and an answer of its attendee."""
    event = await world.event(await world.vendor())
    date, kind = await world.event_date(event), await world.ticket_type(event)
    ticket = await world.ticket(user, date, kind)
    ticket.seal_attendee(world.sealer, "Asha Rao")
    transfer = await world.ticket_transfer(ticket, user)
    transfer.to_kind, transfer.to_user_id = TransferTo.EMAIL, None
    hold = await world.ticket_hold(user, date, kind)
    question = EventQuestion(
        event_id=event.id, kind=QuestionKind.TEXT, locale="en", prompt={"en": "Diet?"}
    )
    answer = AttendeeAnswer(question_id=question.id, hold_id=hold.id, user_id=user.id, answer=b"")
    transfer.secret_hash = b"1" * 32
    transfer.seal_address(world.sealer, AddressedReceiver(TransferTo.EMAIL, "next@haat.example"))
    answer.answer = world.sealer.seal(sealed_name(answer, "answer"), answer.id, b"None")
    await world.save(ticket, transfer, question, answer)


async def plant_booking(world: World, user: User) -> None:
    """Add a booking with an answer, one of a guest, and a calendar whose times are busy."""
    vendor = await world.vendor()
    service = await world.service(vendor)
    await world.busy_feed(await world.resource(vendor), "https://calendar.example/busy.ics")
    booking = await world.booking(user, service)
    question = ServiceQuestion(
        service_id=service.id, kind=QuestionKind.TEXT, locale="en", prompt={"en": "Fears?"}
    )
    answer = BookingAnswer(booking_id=booking.id, question_id=question.id, answer=b"")
    answer.answer = world.sealer.seal(sealed_name(answer, "answer"), answer.id, b"None")
    await world.save(question, answer)
    at_desk = await world.booking(None, service, source=BookingSource.DESK)
    guest = GuestDraft(name="Asha Rao", email="guest@haat.example", phone=new_number())
    for column, value in seal_guest(world.sealer, at_desk.id, guest).items():
        setattr(at_desk, column, value)
    await world.save(at_desk)


async def plant_order(world: World, user: User) -> None:
    """Add an order and its checkout, with all that is sealed of them."""
    rows = empty_order(user)
    for row in rows:
        for column in ("ship_to", "bill_to", "buyer_tax_id"):
            setattr(row, column, world.sealer.seal(sealed_name(row, column), row.id, b"x"))
    await world.save(*rows)


async def plant_emails(world: World, user: User) -> None:
    """Add a row to each table that has an email address."""
    change = EmailChange(user_id=user.id, epoch=0)
    seal_old_email(world.sealer, change, "old@haat.example")
    seal_new_email(world.sealer, change, "new@haat.example")
    await world.save(
        change,
        answer_of(world.sealer).row,
        give_email(world.sealer, PasswordReset(), "new@haat.example"),
        give_email(world.sealer, AdminInvitation(token_hash=b"h"), "new@haat.example"),
    )
    await world.registration()
    await invitation(world, await world.vendor(), user, "new@haat.example", MemberRole.STAFF)
