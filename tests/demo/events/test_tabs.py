"""The tabs of events run against the demo data, as the account that they name."""

import json
from collections.abc import AsyncIterator
from typing import Any

import pytest

from core.security.signing_keys import SigningKeys
from core.settings import Settings
from demo.events.shown import CODES, IDS
from demo.identity.accounts import CUSTOMER, OWNER, SECOND_ADMIN
from tests.demo.tabs import Tabs, open_tabs


@pytest.fixture(scope="module")
async def anyone(settings: Settings, keys: SigningKeys, demo_data: str) -> AsyncIterator[Tabs]:
    async with open_tabs(settings, keys, demo_data, (*IDS, *CODES)) as tabs:
        yield tabs


@pytest.fixture(scope="module")
async def customer(anyone: Tabs) -> Tabs:
    return await anyone.as_account(CUSTOMER)


@pytest.fixture(scope="module")
async def owner(anyone: Tabs) -> Tabs:
    return await anyone.as_account(OWNER)


@pytest.fixture(scope="module")
async def finance(anyone: Tabs) -> Tabs:
    return await anyone.as_account(SECOND_ADMIN)


async def test_events_and_dates_are_found(anyone: Tabs) -> None:
    near = await anyone.run("Events", "Events")
    assert near["events"]["totalCount"] == 3
    dates = [one["node"]["dates"]["nodes"] for one in near["events"]["edges"]]
    assert all(dates)
    assert all(one["soldTypes"] for of_event in dates for one in of_event)
    today = json.loads(anyone.tabs["Events"]["variables"])["from"]
    assert all(one["localStart"] >= today[:10] for of_event in dates for one in of_event)
    assert len((await anyone.run("Events", "Search"))["events"]["nodes"]) == 1
    page = (await anyone.run("Events", "EventPage"))["event"]
    assert page["ticketTypes"]
    assert (await anyone.run("Seats", "Date"))["seatMap"]["rows"]
    assert (await anyone.run("Seats", "Chart"))["seatChart"]["sections"]


async def test_seats_are_held_and_ordered(customer: Tabs) -> None:
    hold = (await customer.run("Seats", "HoldSeats"))["holdTickets"]["hold"]
    assert len(hold["holdLines"]) == 2
    made = await customer.run("Seats", "CheckOut", checkout={"holdIds": [hold["id"]]})
    checkout = made["createCheckout"]["checkout"]
    assert checkout["problems"] == []
    total = checkout["totals"]["total"]["amountMinor"]
    order = {"checkoutId": checkout["id"], "expectedTotalMinor": total}
    placed = await customer.run("Seats", "PlaceOrder", order=order)
    assert placed["placeOrder"]["order"]["state"] == "PENDING"
    hidden = (await customer.run("Seats", "HoldWithCode"))["holdTickets"]["hold"]
    await customer.run("Seats", "ReleaseHold", release={"holdId": hidden["id"]})
    assert (await customer.run("Seats", "Holds"))["ticketHolds"]["nodes"]


async def test_questions_of_a_hold_are_answered(customer: Tabs, owner: Tabs) -> None:
    assert len((await customer.run("Questions", "Asked"))["event"]["questions"]) == 2
    hold = (await customer.run("Questions", "HoldAsked"))["holdTickets"]["hold"]
    assert [one["price"]["amountMinor"] for one in hold["holdLines"]] == [850_00, 350_00, 120_00]
    problems = await check_out(customer, hold["id"])
    assert [one["code"] for one in problems] == ["ANSWERS_MISSING"]
    answered = await customer.run("Questions", "Answer", answers={"holdId": hold["id"]})
    assert len(answered["answerHoldQuestions"]["hold"]["answers"]) == 2
    assert await check_out(customer, hold["id"]) == []
    assert (await customer.run("Questions", "Answers"))["node"]["answers"]
    await customer.run("Questions", "AnswerLater")
    asked = (await owner.run("Questions", "Ask"))["createEventQuestion"]["question"]
    await owner.run("Questions", "Retire", retired={"questionId": asked["id"]})


async def check_out(customer: Tabs, hold_id: str) -> list[dict[str, Any]]:
    made = await customer.run("Questions", "CheckOutAnswered", checkout={"holdIds": [hold_id]})
    problems: list[dict[str, Any]] = made["createCheckout"]["checkout"]["problems"]
    return problems


async def test_a_ticket_is_listed_and_taken_off(customer: Tabs, finance: Tabs) -> None:
    found = (await customer.run("Resale", "MyListings"))["nodes"]
    assert [bool(one["resaleListing"]) for one in found] == [True, False]
    await customer.run("Resale", "List")
    await customer.run("Resale", "Unlist")
    await finance.run("Resale", "Wait")
    await finance.run("Resale", "Held")


async def test_tickets_are_shown_named_given_and_cancelled(customer: Tabs) -> None:
    assert (await customer.run("Tickets", "MyTickets"))["tickets"]["nodes"]
    assert (await customer.run("Tickets", "Pdf"))["ticketsPdf"]["url"]
    await customer.run("Tickets", "NameAttendee")
    given = await customer.run("Tickets", "Transfer")
    transfer_id = given["transferTicket"]["transfer"]["id"]
    assert len((await customer.run("Tickets", "Transfers"))["ticketTransfers"]["nodes"]) == 3
    await customer.run("Tickets", "Withdraw", withdrawal={"transferId": transfer_id})
    await customer.run("Tickets", "Accept")
    await customer.run("Tickets", "Cancel")


async def test_the_waitlist_is_joined_and_seen_by_its_vendor(customer: Tabs, owner: Tabs) -> None:
    joined = await customer.run("Waitlist", "Join")
    entry = joined["joinWaitlist"]["waitlistEntry"]
    assert (await customer.run("Waitlist", "MyEntries"))["waitlistEntries"]["nodes"]
    assert (await owner.run("Waitlist", "Waitlist"))["waitlist"]["totalCount"] >= 5
    await owner.run("Waitlist", "MoreRoom")
    await customer.run("Waitlist", "Leave", leave={"waitlistEntryId": entry["id"]})


async def test_the_queue_is_joined_and_paused(customer: Tabs, owner: Tabs) -> None:
    assert len((await customer.run("Queue", "Queue"))["saleQueueDraw"]) == 5
    await customer.run("Queue", "Join")
    assert (await customer.run("Queue", "MyPlace"))["saleQueueEntry"]["state"] == "WAITING"
    await owner.run("Queue", "Pause")
    await owner.run("Queue", "Open")


async def test_an_organiser_creates_and_clones_an_event(owner: Tabs) -> None:
    event_id = (await owner.run("Organise", "CreateEvent"))["createEvent"]["event"]["id"]
    made = await owner.run("Organise", "CreateTicketType", type={"eventId": event_id})
    type_ids = [made["createTicketType"]["ticketType"]["id"]]
    unlocked = await owner.run("Organise", "SetTypeCodes", codes={"ticketTypeId": type_ids[0]})
    assert unlocked["setTypeCodes"]["ticketType"]["promoCodes"]
    quotas = [{"name": "Room", "capacity": 40, "ticketTypeIds": type_ids}]
    added = await owner.run(
        "Organise", "AddEventDates", dates={"eventId": event_id, "quotas": quotas}
    )
    date = added["addEventDates"]["eventDates"][0]
    await owner.run("Organise", "PublishEvent", publish={"eventId": event_id})
    await owner.run("Organise", "CancelDate", cancel={"eventDateId": date["id"]})
    await owner.run("Organise", "CloneEvent")
    assert (await owner.run("Organise", "Venues"))["venues"]["nodes"]


async def test_an_organiser_sells_and_exports(owner: Tabs) -> None:
    assert (await owner.run("Sales", "Figures"))["eventSales"]["sold"] == 22
    assert (await owner.run("Sales", "SellAtDesk"))["sellAtDesk"]["sale"]["ticketCodes"]
    await owner.run("Sales", "Export")


async def test_a_visitor_is_checked_in_with_the_demo_scanner(owner: Tabs) -> None:
    assert (await owner.run("Check-in", "Lists"))["checkInList"]["gates"]
    scan = (await owner.run("Check-in", "CheckIn"))["checkIn"]["scan"]
    assert (scan["shown"], scan["scanOutcome"]) == ("GREEN", "ADMITTED")
    await owner.run("Check-in", "TakeBack", void={"scanId": scan["id"]})
    await owner.run("Check-in", "Register")
    assert (await owner.run("Check-in", "Scanners"))["scanners"]["nodes"]
