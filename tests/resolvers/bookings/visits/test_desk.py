"""The desk: bookings for customers and guests, what they pay, and the list of bookings."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from sqlmodel import select

from core.clock import now
from models.audit import AuditEntry
from models.bookings.bookings import BookingState
from models.bookings.setting_up.services import ServiceState
from models.bookings.visits.desk import VisitPayment
from models.notifications.inbox import NotificationKind
from models.vendors import MemberRole
from services.bookings.guests import forget_guests, open_guest
from tests.client import Client, gid
from tests.factories.world import World
from tests.resolvers.bookings.clinic import Clinic
from tests.resolvers.bookings.inputs import hold_input
from tests.resolvers.bookings.stored import kinds, row_of

MIRA = {"name": "Mira Guest", "email": "mira@example.com", "phone": "+919820012345"}
SHOWN = """booking { id bookingState bookingSource startsAt guest { name email phone }
  customer { name } dueAtVisit { decimal } }"""
PAID = """booking { paidAtDesk { decimal } dueAtVisit { decimal }
  visitPayments { id paidWith amount { amountMinor } isUndo } }"""
LIST = """query ($vendor: ID!, $where: VendorBookingWhere) {
  vendorBookings(vendorId: $vendor, where: $where) { nodes { id } totalCount changesAfter } }"""


def desk_input(clinic: Clinic, hour: int = 10, **values: Any) -> dict[str, Any]:
    given = {"customer": {"guest": MIRA}} | values
    return hold_input(clinic.visit, clinic.at(hour), **given)


def paid_input(booking: Any, amount: int, **values: Any) -> dict[str, Any]:
    given = {"bookingId": gid(booking), "paid": "CASH", "amountMinor": amount}
    return given | {"idempotencyKey": f"{booking.id}:{amount}"} | values


async def stored(world: World, table: type[Any]) -> Sequence[Any]:
    async with world.database.session() as session:
        return (await session.exec(select(table))).all()


async def found(client: Client, clinic: Clinic, **where: Any) -> list[str]:
    listed = await client.ask(LIST, vendor=gid(clinic.vendor), where=where)
    return [one["id"] for one in listed["vendorBookings"]["nodes"]]


async def test_a_guest_is_booked_at_once_and_only_once(world: World, api: Client) -> None:
    clinic = await Clinic.open(world, name={"en": "Visit"})
    staff = api.signed_in(await clinic.member(MemberRole.STAFF))
    input = desk_input(clinic)
    made = await staff.do("bookAtDesk", input, SHOWN)
    booking = made["booking"]
    assert (booking["bookingState"], booking["bookingSource"]) == ("CONFIRMED", "DESK")
    assert (booking["guest"], booking["customer"]) == (MIRA, None)
    assert booking["dueAtVisit"]["decimal"] == "500.00"
    assert await staff.do("bookAtDesk", input, SHOWN) == made
    assert await staff.refusal_codes("bookAtDesk", desk_input(clinic, staffId=None)) == []
    row = await row_of(world, made)
    assert b"Mira" not in bytes(row.guest_name or b"")
    assert open_guest(world.sealer, row, "guest_email") == MIRA["email"]
    assert (await world.newest(AuditEntry)).act == "BOOK_AT_DESK"


async def test_a_customer_with_an_account_is_booked_and_told(world: World, api: Client) -> None:
    clinic = await Clinic.open(world)
    await clinic.booking(starts_at=clinic.at(15))
    staff = api.signed_in(clinic.owner)
    customer: dict[str, Any] = {"customer": {"userId": gid(clinic.customer)}}
    made = await staff.do("bookAtDesk", desk_input(clinic, **customer), SHOWN)
    assert made["booking"]["customer"]["name"] == clinic.customer.name
    assert made["booking"]["guest"] is None
    assert await kinds(world) == [NotificationKind.BOOKING_CONFIRMED]
    stranger: dict[str, Any] = {"customer": {"userId": gid(await world.user())}}
    assert await staff.refusal_codes("bookAtDesk", desk_input(clinic, 11, **stranger)) == [
        "NOT_FOUND"
    ]
    for wrong in ({}, {"userId": gid(clinic.customer), "guest": MIRA}):
        assert await staff.refusal_codes("bookAtDesk", desk_input(clinic, 11, customer=wrong)) == [
            "INVALID_INPUT"
        ]


async def test_the_desk_books_for_a_pet_that_the_vendor_sees(world: World, api: Client) -> None:
    clinic = await Clinic.open(world, needs_pet=True, species=["dog"])
    await clinic.booking(starts_at=clinic.at(15))
    pet, cat = [await world.pet(clinic.customer, species=one) for one in ("dog", "cat")]
    staff = api.signed_in(clinic.owner)
    customer: dict[str, Any] = {"customer": {"userId": gid(clinic.customer)}}

    async def codes(hour: int, **values: Any) -> list[str]:
        return await staff.refusal_codes("bookAtDesk", desk_input(clinic, hour, **values))

    assert await codes(10, petId=gid(pet), **customer) == ["NOT_FOUND"], "it was not shared"
    for one in (pet, cat):
        await world.pet_consent(one, clinic.vendor)
    assert await codes(10, petId=gid(pet)) == ["NOT_FOUND"], "it is not the guest's"
    assert await codes(10, petId=gid(cat), **customer) == ["PET_NOT_TAKEN"]
    input = desk_input(clinic, 10, petId=gid(pet), **customer)
    made = await staff.do("bookAtDesk", input, "booking { id }")
    assert (await row_of(world, made)).pet_id == pet.id
    assert await codes(12, **customer) == [], "the desk can do without"


async def test_the_desk_books_outside_of_hours_and_never_over_a_claim(
    world: World, api: Client
) -> None:
    clinic = await Clinic.open(world)
    staff = api.signed_in(clinic.owner)
    early = desk_input(clinic, 6)
    assert await staff.refusal_codes("bookAtDesk", early) == ["SLOT_NOT_OFFERED"]
    early = desk_input(clinic, 6, allowOutsideHours=True, staffId=gid(clinic.asha))
    assert await staff.refusal_codes("bookAtDesk", early) == []
    again = desk_input(clinic, 6, allowOutsideHours=True, staffId=gid(clinic.asha))
    assert await staff.refusal_codes("bookAtDesk", again) == ["SLOT_TAKEN"]
    assert len(await clinic.claims(clinic.asha)) == 1
    paused = await world.fresh(clinic.visit)
    paused.state = ServiceState.PAUSED
    await world.save(paused)
    assert await staff.refusal_codes("bookAtDesk", desk_input(clinic, 11)) == ["SERVICE_STATE"]
    forced = desk_input(clinic, 11, allowOutsideHours=True)
    assert await staff.refusal_codes("bookAtDesk", forced) == []


async def test_money_at_the_desk_is_at_most_what_is_due(world: World, api: Client) -> None:
    clinic = await Clinic.open(world)
    booking = await clinic.booking()
    staff = api.signed_in(clinic.owner)
    first = await staff.do("recordVisitPayment", paid_input(booking, 300_00), PAID)
    assert await staff.do("recordVisitPayment", paid_input(booking, 300_00), PAID) == first
    shown = first["booking"]
    assert (shown["paidAtDesk"]["decimal"], shown["dueAtVisit"]["decimal"]) == ("300.00", "200.00")
    too_much = paid_input(booking, 200_01)
    assert await staff.refusal_codes("recordVisitPayment", too_much) == ["VISIT_OVERPAID"]
    for wrong in (0, -1):
        assert await staff.refusal_codes("recordVisitPayment", paid_input(booking, wrong)) == [
            "INVALID_INPUT"
        ]
    (payment,) = shown["visitPayments"]
    undo = {"paymentId": payment["id"]}
    undone = await staff.do("undoVisitPayment", undo, PAID)
    assert await staff.do("undoVisitPayment", undo, PAID) == undone
    assert undone["booking"]["paidAtDesk"]["decimal"] == "0.00"
    amounts = [
        (one["amount"]["amountMinor"], one["isUndo"]) for one in undone["booking"]["visitPayments"]
    ]
    assert amounts == [(300_00, False), (-300_00, True)]
    back = {"paymentId": undone["booking"]["visitPayments"][1]["id"]}
    assert await staff.refusal_codes("undoVisitPayment", back) == ["NOT_FOUND"]
    card = await staff.do("recordVisitPayment", paid_input(booking, 500_00, paid="CARD"), PAID)
    assert card["booking"]["dueAtVisit"]["decimal"] == "0.00"
    acts = {one.act for one in await stored(world, AuditEntry)}
    assert acts == {"RECORD_VISIT_PAYMENT", "UNDO_VISIT_PAYMENT"}


async def test_what_was_cancelled_is_not_paid(world: World, api: Client) -> None:
    clinic = await Clinic.open(world)
    booking = await clinic.booking(state=BookingState.CANCELLED)
    staff = api.signed_in(clinic.owner)
    assert await staff.refusal_codes("recordVisitPayment", paid_input(booking, 1)) == [
        "BOOKING_STATE"
    ]


async def test_the_desk_is_for_staff_alone(world: World, api: Client) -> None:
    clinic = await Clinic.open(world)
    booking = await clinic.booking()
    payment = await world.visit_payment(booking, clinic.owner)
    inputs = {
        "bookAtDesk": desk_input(clinic, 11),
        "recordVisitPayment": paid_input(booking, 1),
        "undoVisitPayment": {"paymentId": gid(payment)},
    }
    listed = {"vendor": gid(clinic.vendor)}
    assert await api.failed(LIST, **listed) == ["UNAUTHENTICATED"]
    for mutation, input in inputs.items():
        assert await api.mutation_failed(mutation, input) == ["UNAUTHENTICATED"]
    stranger = (await Clinic.open(world)).owner
    for wrong in (clinic.customer, await clinic.member(MemberRole.SCANNER), stranger):
        client = api.signed_in(wrong)
        assert await found(client, clinic) == [], "nor the customer's own: those are `bookings`"
        for mutation, input in inputs.items():
            assert await client.refusal_codes(mutation, input) == ["NOT_FOUND"]
    assert len(await stored(world, VisitPayment)) == 1


async def test_bookings_of_a_vendor_are_searched_by_customers_and_guests(
    world: World, api: Client
) -> None:
    clinic = await Clinic.open(world)
    noor = await world.user(name="Noor Jahan")
    staff = api.signed_in(clinic.owner)
    of_noor = await clinic.booking(noor)
    of_mira = (await staff.do("bookAtDesk", desk_input(clinic, 12), SHOWN))["booking"]["id"]
    other = await Clinic.open(world)
    await other.booking(noor)
    assert await found(staff, clinic, search="jahan") == [gid(of_noor)]
    for search in ("mira", "guest mir", "mira@example.com", "+919820012345"):
        assert await found(staff, clinic, search=search) == [of_mira], search
    assert await found(staff, clinic, search="mira jahan") == []
    assert await found(staff, clinic, sources=["DESK"]) == [of_mira]
    assert await found(staff, clinic, resourceId=gid(clinic.room)) == [of_mira, gid(of_noor)]
    assert await found(staff, clinic, serviceId=gid(clinic.yoga)) == []
    assert await found(staff, clinic, startsFrom=clinic.at(11).isoformat()) == [of_mira]
    assert await found(staff, clinic, states=["CANCELLED"]) == []


async def test_guests_are_forgotten_after_their_visit(world: World, api: Client) -> None:
    clinic = await Clinic.open(world)
    staff = api.signed_in(clinic.owner)
    made = await staff.do("bookAtDesk", desk_input(clinic, note="Limps"), SHOWN)
    row = await row_of(world, made)
    async with world.database.session() as session:
        assert not await forget_guests(session, 7)
        await session.commit()
    assert (await world.fresh(row)).guest_name is not None
    old = now().replace(second=0, microsecond=0) - timedelta(days=91)
    row.starts_at, row.ends_at = old, old + timedelta(minutes=30)
    await world.save(row)
    async with world.database.session() as session:
        assert not await forget_guests(session, 7)
        await session.commit()
    fresh = await world.fresh(row)
    assert (fresh.guest_name, fresh.guest_email, fresh.guest_phone, fresh.note) == (None,) * 4
