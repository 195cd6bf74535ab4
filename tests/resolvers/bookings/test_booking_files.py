"""Files and the note of a booking, the chat about it, and the pet that it is for."""

from datetime import timedelta
from itertools import product
from typing import Any

import pytest
from sqlmodel import select

from core.clock import now
from models.bookings.bookings import Booking, BookingSource, BookingState
from models.bookings.intake import MAX_BOOKING_FILES, BookingFile, ServiceQuestion
from models.identity.accounts import User
from models.questions import QuestionKind
from models.uploads import Upload, UploadPurpose, UploadState
from models.vendors import MemberRole
from services.bookings.intake.access import is_presented
from tests.client import Client, gid
from tests.factories.base import NUMBERS
from tests.factories.vendors import new_member
from tests.factories.world import World
from tests.resolvers.bookings.clinic import Clinic
from tests.resolvers.bookings.inputs import hold_input

FILES = "booking { attachments { id fileName } }"
READ = "query ($id: ID!) { booking(id: $id) { customerNote attachments { id url } } }"
UPLOAD = "query ($id: ID!) { node(id: $id) { id ... on Upload { url } } }"


async def document(world: World, user: User, **values: Any) -> Upload:
    given = {
        "purpose": UploadPurpose.DOCUMENT,
        "state": UploadState.READY,
        "key": f"kept/{next(NUMBERS)}",
        "expires_at": now() + timedelta(hours=1),
    } | values
    return await world.upload(user, **given)


def of(booking: Any, upload: Upload) -> dict[str, str]:
    return {"bookingId": gid(booking), "uploadId": gid(upload)}


async def test_files_are_read_by_the_customer_and_members(world: World, api: Client) -> None:
    clinic = await Clinic.open(world)
    booking, client = await clinic.booking(), api.signed_in(clinic.customer)
    first, second = [await document(world, clinic.customer) for _ in range(2)]
    for upload in (first, first, second):
        shown = await client.do("attachBookingFile", of(booking, upload), FILES)
        assert shown["errors"] == []
    assert [one["id"] for one in shown["booking"]["attachments"]] == [gid(first), gid(second)]
    staff = api.signed_in(await clinic.member(MemberRole.STAFF))
    for reader in (client, staff):
        found = (await reader.ask(READ, id=gid(booking)))["booking"]["attachments"]
        assert [one["id"] for one in found] == [gid(first), gid(second)]
        assert all(one["url"] for one in found)
        assert (await reader.ask(UPLOAD, id=gid(first)))["node"]["url"]
    other = await new_member(world, await world.vendor(), MemberRole.OWNER)
    scanner = await clinic.member(MemberRole.SCANNER)
    admin = api.signed_in(await world.admin())
    for stranger in (api, admin, *map(api.signed_in, (other, scanner, await world.user()))):
        assert (await stranger.ask(UPLOAD, id=gid(first)))["node"] is None
    assert (await admin.ask(READ, id=gid(booking)))["booking"]["attachments"] == []
    gone = await client.do("detachBookingFile", of(booking, first), FILES)
    assert [one["id"] for one in gone["booking"]["attachments"]] == [gid(second)]
    assert (await world.fresh(first)).expired
    assert await client.refusal_codes("detachBookingFile", of(booking, first)) == ["NOT_FOUND"]
    assert (await staff.ask(UPLOAD, id=gid(first)))["node"] is None


async def test_files_that_cannot_be_attached(world: World, api: Client) -> None:
    clinic = await Clinic.open(world)
    booking, client = await clinic.booking(), api.signed_in(clinic.customer)
    name = "attachBookingFile"
    refused = [
        (await document(world, await world.user()), "NOT_FOUND"),
        (await document(world, clinic.customer, purpose=UploadPurpose.CHAT), "INVALID_INPUT"),
        (await world.picture(clinic.customer), "INVALID_INPUT"),
        (await world.upload(clinic.customer, purpose=UploadPurpose.DOCUMENT), "INVALID_INPUT"),
        (await document(world, clinic.customer, attached_at=now()), "INVALID_INPUT"),
    ]
    for upload, code in refused:
        payload = await client.do(name, of(booking, upload), FILES)
        assert [(one["code"], one["field"]) for one in payload["errors"]] == [(code, ["uploadId"])]
    uploads = [
        await document(world, clinic.customer, attached_at=now()) for _ in range(MAX_BOOKING_FILES)
    ]
    rows = [
        BookingFile(booking_id=booking.id, upload_id=upload.id, position=position)
        for position, upload in enumerate(uploads)
    ]
    await world.save(*rows)
    one = of(booking, await document(world, clinic.customer))
    assert await client.refusal_codes(name, one) == ["BOOKING_FILE_LIMIT_REACHED"]
    assert await client.refusal_codes("detachBookingFile", of(booking, uploads[3])) == []
    assert await client.refusal_codes(name, one) == []


async def test_only_the_customer_changes_files_and_the_note(world: World, api: Client) -> None:
    clinic = await Clinic.open(world)
    booking, client = await clinic.booking(), api.signed_in(clinic.customer)
    change = {"bookingId": gid(booking), "note": " Gate code 12. "}
    changed = await client.do("setBookingNote", change, "booking { customerNote }")
    assert changed["booking"] == {"customerNote": "Gate code 12."}
    for note in ("", "a" * 1_001):
        long = change | {"note": note}
        assert await client.refusal_codes("setBookingNote", long) == ["INVALID_INPUT"]
    upload = await document(world, clinic.customer)
    inputs = [
        ("setBookingNote", change),
        ("attachBookingFile", of(booking, upload)),
        ("detachBookingFile", of(booking, upload)),
    ]
    for name, input in inputs:
        assert await api.mutation_failed(name, input) == ["UNAUTHENTICATED"]
        for user in (clinic.owner, await world.user(), await world.admin()):
            assert await api.signed_in(user).refusal_codes(name, input) == ["NOT_FOUND"]
    removed = await client.do(
        "setBookingNote", {"bookingId": gid(booking)}, "booking { customerNote }"
    )
    assert removed["booking"] == {"customerNote": None}


CHAT = "conversation { id subject { ... on Booking { id } } user { name } }"


async def test_a_conversation_about_a_booking(world: World, api: Client) -> None:
    clinic = await Clinic.open(world)
    booking = await clinic.booking()
    about = {"vendorId": gid(clinic.vendor), "subjectId": gid(booking)}
    staff = api.signed_in(await clinic.member(MemberRole.STAFF))
    started = await staff.do("startConversation", about, CHAT)
    assert started["errors"] == []
    assert started["conversation"]["subject"] == {"id": gid(booking)}
    assert started["conversation"]["user"] == {"name": clinic.customer.name}
    own = await api.signed_in(clinic.customer).do("startConversation", about, CHAT)
    assert own["conversation"]["id"] == started["conversation"]["id"]
    other = await Clinic.open(world)
    for user in (await world.user(), other.owner, await world.admin()):
        client = api.signed_in(user)
        assert await client.refusal_codes("startConversation", about) == ["NOT_FOUND"]
    elsewhere = about | {"vendorId": gid(other.vendor)}
    customer = api.signed_in(clinic.customer)
    assert await customer.refusal_codes("startConversation", elsewhere) == ["NOT_FOUND"]
    guest = await clinic.world.booking(
        None, clinic.visit, clinic.at(12), clinic.ravi, source="DESK"
    )
    desk = about | {"subjectId": gid(guest)}
    assert await staff.refusal_codes("startConversation", desk) == ["INVALID_INPUT"]


@pytest.mark.parametrize(
    ("species", "code"), [("dog", None), ("cat", "PET_NOT_TAKEN"), (None, "PET_REQUIRED")]
)
async def test_a_service_for_pets_takes_its_species(
    world: World, api: Client, species: str | None, code: str | None
) -> None:
    clinic = await Clinic.open(world, needs_pet=True, species=["dog"])
    client = api.signed_in(clinic.customer)
    pet = await world.pet(clinic.customer, species=species) if species else None
    input = hold_input(clinic.visit, clinic.at(10), petId=gid(pet) if pet else None)
    held = await client.do("holdBooking", input, "booking { pet { name } }")
    assert [one["code"] for one in held["errors"]] == ([code] if code else [])
    if pet and not code:
        assert held["booking"]["pet"] == {"name": pet.name}


async def test_a_booking_is_for_an_own_pet_that_is_not_archived(world: World, api: Client) -> None:
    clinic = await Clinic.open(world, needs_pet=True)
    client = api.signed_in(clinic.customer)
    other = await world.pet(await world.user())
    archived = await world.pet(clinic.customer, archived_at=now())
    for pet, code in ((other, "NOT_FOUND"), (archived, "PET_ARCHIVED")):
        input = hold_input(clinic.visit, clinic.at(10), petId=gid(pet))
        assert await client.refusal_codes("holdBooking", input) == [code]


async def test_members_read_what_came_with_a_booking_once_it_is_more_than_a_hold(
    world: World, api: Client
) -> None:
    """A customer who gives a hold up has sent nothing to the vendor."""
    clinic = await Clinic.open(world)
    question = ServiceQuestion(
        service_id=clinic.visit.id, kind=QuestionKind.TEXT, locale="en", prompt={"en": "Symptoms?"}
    )
    await world.save(question)
    customer, staff = api.signed_in(clinic.customer), api.signed_in(clinic.owner)
    admin = api.signed_in(await world.admin())
    input = hold_input(clinic.visit, clinic.at(10), note="He bites.")
    held = (await customer.do("holdBooking", input, "booking { id }"))["booking"]["id"]
    upload = await document(world, clinic.customer)
    attach = {"bookingId": held, "uploadId": gid(upload)}
    assert await customer.refusal_codes("attachBookingFile", attach) == []
    answers = [{"questionId": gid(question), "value": {"text": "He limps."}}]
    given = {"bookingId": held, "answers": answers}
    assert await customer.refusal_codes("answerBookingQuestions", given) == []
    shown = """query ($id: ID!) {
      booking(id: $id) { customerNote attachments { id } intakeAnswers { shown } }
    }"""
    files = [{"id": gid(upload)}]
    all = {
        "customerNote": "He bites.",
        "attachments": files,
        "intakeAnswers": [{"shown": "He limps."}],
    }
    nothing: dict[str, Any] = {"customerNote": None, "attachments": [], "intakeAnswers": []}
    assert (await customer.ask(shown, id=held))["booking"] == all
    for reader in (staff, admin):
        assert (await reader.ask(shown, id=held))["booking"] == nothing
    assert (await staff.ask(UPLOAD, id=gid(upload)))["node"] is None
    assert await customer.refusal_codes("confirmBooking", {"bookingId": held}) == []
    assert (await staff.ask(shown, id=held))["booking"] == all
    assert (await admin.ask(shown, id=held))["booking"] == all | {"attachments": []}
    assert (await staff.ask(UPLOAD, id=gid(upload)))["node"] is not None


async def test_rows_and_statements_agree_on_what_is_more_than_a_hold(world: World) -> None:
    clinic = await Clinic.open(world)
    marks: list[dict[str, Any]] = [
        {},
        {"approved_at": now()},
        {"source": BookingSource.DESK},
        {"confirmed_at": now()},
    ]
    states = sorted(set(BookingState) - {BookingState.PENDING_PAYMENT})
    bookings = [
        await clinic.booking(starts_at=clinic.at(9, ahead=number), state=state, **more)
        for number, (state, more) in enumerate(product(states, marks), start=2)
    ]
    async with world.database.session() as session:
        found = set((await session.exec(select(Booking.id).where(is_presented()))).all())
    assert {one.id for one in bookings if one.is_presented} == found
    assert 0 < len(found) < len(bookings)
