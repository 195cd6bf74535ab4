"""The tabs of bookings run against the demo data, as the account that they name."""

import json
from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from itertools import count
from typing import Any

import pytest

from core.clock import now
from core.security.signing_keys import SigningKeys
from core.settings import Settings
from demo.bookings.shown import NAMES
from demo.identity.accounts import CLINIC, CUSTOMER
from tests.demo.tabs import Tabs, open_tabs

KEYS = count()


@pytest.fixture(scope="module")
async def anyone(settings: Settings, keys: SigningKeys, demo_data: str) -> AsyncIterator[Tabs]:
    async with open_tabs(settings, keys, demo_data, NAMES) as tabs:
        yield tabs


@pytest.fixture(scope="module")
async def customer(anyone: Tabs) -> Tabs:
    return await anyone.as_account(CUSTOMER)


@pytest.fixture(scope="module")
async def clinic(anyone: Tabs) -> Tabs:
    return await anyone.as_account(CLINIC)


async def test_a_slot_is_found_held_and_confirmed(customer: Tabs) -> None:
    found = await customer.run("Slots", "Services")
    assert len(found["services"]["nodes"]) == 4
    assert len(found["staff"]["nodes"]) == 2
    days = (await customer.run("Slots", "Days"))["availability"]
    assert days["timeZone"] == "Europe/Berlin"
    assert sum(one["slots"] for one in days["days"]) > 100
    slots = (await customer.run("Slots", "Slots"))["slots"]["slots"]
    wanted = json.loads(customer.tabs["Slots"]["variables"])["hold"]["startsAt"]
    assert slots[0]["localStart"][11:16] == "09:00"
    assert datetime.fromisoformat(slots[0]["startsAt"]) == datetime.fromisoformat(wanted)
    for end in ("Release", "Confirm"):
        booking = await hold(customer, "Slots", "Hold")
        assert (booking["bookingState"], booking["staff"]["name"]) == ("HELD", "Dr Meera Rao")
        await customer.run("Slots", end, **{end.lower(): {"bookingId": booking["id"]}})
    of_class = (await customer.run("Slots", "Class"))["slots"]["slots"]
    assert {one["timeZone"] for one in of_class} == {"America/New_York"}


async def test_a_deposit_is_ordered(customer: Tabs) -> None:
    booking = await hold(customer, "Deposit", "HoldTreatment")
    ids = {"bookingIds": [booking["id"]]}
    made = await customer.run("Deposit", "CheckOut", checkout=ids)
    checkout = made["createCheckout"]["checkout"]
    assert checkout["problems"] == []
    total = checkout["totals"]["total"]
    assert total["decimal"] == "1000.00"
    order = {"checkoutId": checkout["id"], "expectedTotalMinor": total["amountMinor"]}
    placed = await customer.run("Deposit", "PlaceOrder", order=order | {"provider": "MANUAL"})
    assert placed["placeOrder"]["order"]["state"] == "PENDING"
    paid = (await customer.run("Deposit", "Paid"))["booking"]
    assert paid["paidOnline"]["decimal"] == "1000.00"
    assert paid["cancelQuote"]["refundBps"] == 5_000


async def test_an_approved_request_is_ordered(customer: Tabs) -> None:
    made = await customer.run("Deposit", "CheckOut")
    assert made["createCheckout"]["checkout"]["problems"] == []


async def test_a_booking_is_moved_and_cancelled(customer: Tabs) -> None:
    found = (await customer.run("Visits", "MyBookings"))["bookings"]["nodes"]
    assert {one["bookingState"] for one in found} >= {"HELD", "REQUESTED", "CONFIRMED"}
    assert {one["timeZone"] for one in found} == {"Asia/Kolkata", "America/Los_Angeles"}
    await customer.run("Visits", "Note")
    moved = (await customer.run("Visits", "Move"))["rescheduleBooking"]["booking"]
    assert moved["revision"] == 2
    cancelled = (await customer.run("Visits", "Cancel"))["cancelBooking"]["booking"]
    assert cancelled["cancelledBy"] == "CUSTOMER"


async def test_a_clinic_is_set_up(clinic: Tabs) -> None:
    found = await clinic.run("Clinic", "SetUp")
    assert {one["resourceKind"] for one in found["resources"]["nodes"]} == {"STAFF", "ROOM"}
    closed = await clinic.run("Clinic", "ClosedDays")
    assert (closed["closures"]["nodes"], closed["holidayProposals"]) != ([], [])
    staff = (await clinic.run("Clinic", "AddStaff"))["saveResource"]["resource"]
    await clinic.run("Clinic", "SetTimes", schedule={"resourceId": staff["id"]})
    service = (await clinic.run("Clinic", "AddService"))["saveService"]["service"]
    await clinic.run("Clinic", "Publish", publish={"serviceId": service["id"]})
    await clinic.run("Clinic", "Terms")
    await clinic.run("Clinic", "Close")
    await clinic.run("Clinic", "Remind")
    assert (await clinic.run("Clinic", "Explain"))["explainSlot"]["resources"]


async def test_the_agenda_of_a_clinic_has_a_story(clinic: Tabs) -> None:
    lanes = (await clinic.run("Agenda", "Agenda"))["agenda"]["lanes"]
    assert {len(one["bookings"]) for one in lanes} > {0}
    arrivals = (await clinic.run("Agenda", "Arrivals"))["arrivals"]
    assert (arrivals["waiting"], arrivals["bookings"][0]["visitCode"]) != (0, None)
    assert (await clinic.run("Agenda", "Find"))["vendorBookings"]["nodes"]
    assert any(one["visits"] for one in (await clinic.run("Agenda", "Figures"))["utilisation"])
    made = (await clinic.run("Agenda", "Display"))["createDisplay"]
    assert made["key"]
    visitors = (await clinic.run("Agenda", "WaitingRoom"))["waitingRoom"]["visitors"]
    assert visitors[0]["arrival"] == "WAITING"


async def test_a_user_waits_for_a_class_that_is_full(customer: Tabs, clinic: Tabs) -> None:
    wait = (await customer.run("Waits", "Wait"))["joinBookingWaitlist"]["bookingWait"]
    assert wait["state"] == "WAITING"
    found = (await customer.run("Waits", "MyWaits"))["bookingWaits"]["nodes"]
    assert [one["id"] for one in found] == [wait["id"]]
    await customer.run("Waits", "Leave", leave={"bookingWaitId": wait["id"]})
    assert (await clinic.run("Waits", "Waiting"))["bookingWaitlist"]["nodes"]


async def test_the_day_at_the_desk(clinic: Tabs) -> None:
    assert (await clinic.run("Desk", "Visit"))["booking"]["pet"]["name"]
    await clinic.run("Desk", "Arrived")
    # After the visit of the guest who waits now. That vet has no other today, and a room is free.
    soon = (now() + timedelta(minutes=50)).replace(second=0, microsecond=0).isoformat()
    call = {"startsAt": soon, "idempotencyKey": "walk-in", "allowOutsideHours": True}
    walk_in = (await clinic.run("Desk", "BookByPhone", call=call))["bookAtDesk"]["booking"]
    for operation, name in (("Arrived", "arrived"), ("Complete", "complete")):
        await clinic.run("Desk", operation, **{name: {"bookingId": walk_in["id"]}})
    await clinic.run("Desk", "NoShow")
    undone = (await clinic.run("Desk", "UndoNoShow"))["undoNoShow"]["booking"]
    assert undone["bookingState"] == "COMPLETED"
    approved = (await clinic.run("Desk", "Approve"))["approveBooking"]["booking"]
    assert approved["bookingState"] == "HELD"
    called = (await clinic.run("Desk", "BookByPhone"))["bookAtDesk"]["booking"]
    assert (called["bookingState"], called["guest"]["name"]) == ("CONFIRMED", "Omar Sheikh")
    noted = (await clinic.run("Desk", "NotePayment"))["recordVisitPayment"]["booking"]
    assert noted["paidAtDesk"]["decimal"] == "200.00"
    block = (await clinic.run("Desk", "Block"))["blockTime"]["timeBlock"]
    await clinic.run("Desk", "Unblock", unblock={"blockId": block["id"]})


async def test_pets_and_their_records(customer: Tabs, clinic: Tabs) -> None:
    assert len((await customer.run("Pets", "MyPets"))["pets"]["nodes"]) == 2
    saved = (await customer.run("Pets", "Save"))["savePet"]["pet"]
    await customer.run("Pets", "Archive", archive={"petId": saved["id"]})
    await customer.run("Pets", "Vaccinate")
    await clinic.run("Pets", "Note")
    patient = (await clinic.run("Pets", "Patient"))["pet"]
    assert (patient["showsRecords"], len(patient["notes"])) == (True, 3)
    await customer.run("Pets", "Unshare")
    await customer.run("Pets", "Share")


async def test_calendars_are_made_and_ended(customer: Tabs, clinic: Tabs) -> None:
    made = (await customer.run("Calendars", "CreateFeed"))["createCalendarFeed"]
    assert made["address"]
    assert (await customer.run("Calendars", "Feeds"))["viewer"]["calendarFeeds"]["nodes"]
    await customer.run("Calendars", "Revoke", revoke={"feedId": made["feed"]["id"]})
    await clinic.run("Calendars", "CreateAgendaFeed")
    feed = (await clinic.run("Calendars", "AddBusyFeed"))["addBusyFeed"]["feed"]
    assert (await clinic.run("Calendars", "BusyFeeds"))["busyFeeds"]["nodes"]
    await clinic.run("Calendars", "RemoveBusyFeed", remove={"feedId": feed["id"]})


async def hold(customer: Tabs, title: str, operation: str) -> dict[str, Any]:
    """Hold the slot of a tab, with a new key each time."""
    booking: dict[str, Any] = (
        await customer.run(title, operation, hold={"idempotencyKey": f"{operation}-{next(KEYS)}"})
    )["holdBooking"]["booking"]
    return booking
