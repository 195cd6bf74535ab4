"""The figures of a date, and exports of it as CSV."""

import csv
from datetime import timedelta
from io import StringIO

import pytest
from sqlmodel import col, delete

from core.clock import now
from models.audit import AuditEntry
from models.events.selling.holds import HoldState
from models.events.selling.sale_queue import QueueEntryState, SaleQueueEntry, SaleQueueState
from models.events.tickets import ATTENDEE_COLUMN, TicketSource, TicketState
from models.vendors import MemberRole, VendorMember
from services.events.sales import exports
from tests.client import Client, gid
from tests.factories.vendors import OUTSIDERS, new_member, outsider
from tests.factories.world import World
from tests.resolvers.events.box_office import BoxOffice
from tests.resolvers.events.door import Door
from tests.resolvers.events.hall import Hall

SALES = """query ($id: ID!) { eventSales(eventDateId: $id) {
  held sold cancelled checkedIn revenue { amountMinor }
  byType { ticketType { id } ticketSource tickets revenue { amountMinor } }
  byDay { tickets revenue { amountMinor } } byMinute { minute tickets revenue { amountMinor } }
  entries { minute entries } seatCounts { free held sold blocked }
  queueFigures { joined called entered lapsed held bought }
} }"""
LINK = "link { url expiresAt }"


async def sell(world: World) -> BoxOffice:
    """Return an office with a hold, two valid tickets and a cancelled one."""
    office = await BoxOffice.open(world)
    await office.hold(await world.user(), quantity=3)
    named = await world.ticket(office.user, office.date, office.kind, office.quota)
    named.attendee = world.sealer.seal(ATTENDEE_COLUMN, named.id, b"=Asha Rao")
    await world.save(named)
    sale = None, office.date, office.kind, office.quota
    await world.ticket(*sale, source=TicketSource.COMPLIMENTARY, price=0)
    gone = TicketState.CANCELLED
    await world.ticket(None, office.date, office.kind, state=gone, cancelled_at=now())
    return office


async def test_event_sales_of_a_date(world: World, api: Client) -> None:
    office = await sell(world)
    client = api.signed_in(await new_member(world, office.vendor, MemberRole.STAFF))
    sales = (await client.ask(SALES, id=gid(office.date)))["eventSales"]
    minutes = sales.pop("byMinute")
    assert sum(one["tickets"] for one in minutes) == 2
    assert sum(one["revenue"]["amountMinor"] for one in minutes) == 100_00
    price = {"amountMinor": 100_00}
    of_type = {"ticketType": {"id": gid(office.kind)}, "tickets": 1}
    assert sales == {
        "held": 3,
        "sold": 2,
        "cancelled": 1,
        "checkedIn": 0,
        "revenue": price,
        "byType": [
            of_type | {"ticketSource": "COMPLIMENTARY", "revenue": {"amountMinor": 0}},
            of_type | {"ticketSource": "DESK", "revenue": price},
        ],
        "byDay": [{"tickets": 2, "revenue": price}],
        "entries": [],
        "seatCounts": None,
        "queueFigures": None,
    }


async def test_event_sales_count_the_seats_of_a_date(world: World, api: Client) -> None:
    hall = await Hall.open(world, rows=1)
    await hall.take(api.signed_in(hall.user), 0, 0, 1, 2)
    await hall.sold_seat(0, 4)
    await hall.block(0, 5, 6)
    client = api.signed_in(await new_member(world, hall.vendor, MemberRole.STAFF))
    sales = (await client.ask(SALES, id=gid(hall.date)))["eventSales"]
    assert sales["seatCounts"] == {"free": 4, "held": 3, "sold": 1, "blocked": 2}
    assert sales["sold"] == 1


async def test_event_sales_count_how_far_users_of_the_queue_have_come(
    world: World, api: Client
) -> None:
    """One each waits, is called, enters, holds, buys, and lets the turn pass; one joins again."""
    office = await BoxOffice.open(world, 20)
    queue = await world.sale_queue(office.event, state=SaleQueueState.OPEN, drawn_at=now())
    hour, moment = timedelta(hours=1), now()
    waiting, admitted = QueueEntryState.WAITING, QueueEntryState.ADMITTED
    done, lapsed = QueueEntryState.DONE, QueueEntryState.LAPSED
    came: list[tuple[QueueEntryState, bool, HoldState | None]] = [
        (waiting, False, None),
        (waiting, True, None),
        (admitted, True, None),
        (admitted, True, HoldState.OPEN),
        (done, True, HoldState.SOLD),
        (lapsed, True, None),
    ]
    for number, (state, called, held) in enumerate(came, 1):
        user = await world.user()
        entry = SaleQueueEntry(
            queue_id=queue.id,
            user_id=user.id,
            number=number,
            state=state,
            joined_at=moment - hour,
            admitted_at=None if state is waiting else moment,
            seen_at=moment if called else None,
        )
        await world.save(entry)
        if held is not None:
            ended = None if held is HoldState.OPEN else moment
            await office.hold(user, state=held, ended_at=ended)
    again = await world.user()
    before = moment - 2 * hour
    times = {"created_at": before, "expires_at": before, "hard_until": before, "ended_at": moment}
    await office.hold(again, state=HoldState.SOLD, **times)
    await world.save(SaleQueueEntry(queue_id=queue.id, user_id=again.id, joined_at=moment - hour))
    client = api.signed_in(await new_member(world, office.vendor, MemberRole.STAFF))
    sales = (await client.ask(SALES, id=gid(office.date)))["eventSales"]
    assert sales["queueFigures"] == {
        "joined": 7,
        "called": 5,
        "entered": 3,
        "lapsed": 1,
        "held": 2,
        "bought": 1,
    }


@pytest.mark.parametrize("who", OUTSIDERS)
async def test_figures_and_exports_are_for_members_and_admins(
    world: World, api: Client, who: str
) -> None:
    office = await sell(world)
    client = api.signed_in(await outsider(world, office.vendor, who))
    seen = (await client.ask(SALES, id=gid(office.date)))["eventSales"]
    assert (seen is not None) is (who in {"STAFF", "an admin"})
    input = {"eventDateId": gid(office.date), "export": "ATTENDEES"}
    codes = [] if who in {"STAFF", "an admin"} else ["NOT_FOUND"]
    assert await client.refusal_codes("exportEventDate", input) == codes
    assert await api.mutation_failed("exportEventDate", input) == ["UNAUTHENTICATED"]


async def test_exports_as_csv_by_links_for_the_rights_of_that_moment(
    world: World, api: Client
) -> None:
    office = await sell(world)
    member = await new_member(world, office.vendor, MemberRole.STAFF)
    client, texts = api.signed_in(member), []
    for export in ("ATTENDEES", "SALES"):
        input = {"eventDateId": gid(office.date), "export": export}
        made = await client.do("exportEventDate", input, LINK)
        path = "/events/exports" + made["link"]["url"].partition("/events/exports")[2]
        answer = await api.http.get(path)
        assert answer.status_code == 200
        assert answer.headers["content-type"] == "text/csv; charset=utf-8"
        assert answer.headers["cache-control"] == "private, no-store"
        texts.append(answer.content.decode("utf-8-sig"))
    attendees, sales = (list(csv.DictReader(StringIO(text))) for text in texts)
    assert [one["attendee"] for one in attendees] == ["'=Asha Rao", ""]
    assert [one["state"] for one in sales] == ["VALID", "VALID", "CANCELLED"]
    assert [one["price"] for one in sales] == ["100.00", "0.00", "100.00"]
    async with world.database.session() as session, session.begin():
        own = col(VendorMember.user_id) == member.id
        await session.exec(delete(VendorMember).where(own))
    assert (await api.http.get(path)).status_code == 404
    assert (await api.http.get(f"{path}x")).status_code == 403


async def test_exports_have_the_seats_of_tickets(world: World, api: Client) -> None:
    hall = await Hall.open(world)
    await hall.sold_seat(1, 2)
    client = api.signed_in(await new_member(world, hall.vendor, MemberRole.STAFF))
    for export in ("ATTENDEES", "SALES"):
        input = {"eventDateId": gid(hall.date), "export": export}
        url = (await client.do("exportEventDate", input, LINK))["link"]["url"]
        answer = await api.http.get("/events/exports" + url.partition("/events/exports")[2])
        (row,) = csv.DictReader(StringIO(answer.content.decode("utf-8-sig")))
        assert (row["section"], row["row"], row["seat"]) == ("Stalls", "B", "3")


async def test_an_export_is_read_in_batches(
    world: World, api: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each ticket has one row, also those of one moment, whose order is that of their ids."""
    monkeypatch.setattr(exports, "BATCH_SIZE", 2)
    door = await Door.open(world)
    moment = now()
    times = [moment, moment, moment, moment + timedelta(seconds=1)]
    tickets = [await door.ticket(created_at=at) for at in times]
    (_, key), (first, *_) = await door.scanner(), tickets
    await door.check_in(api.signed_in(door.member), key, first)
    client = api.signed_in(door.manager)
    input = {"eventDateId": gid(door.date), "export": "ATTENDEES"}
    made = await client.do("exportEventDate", input, LINK)
    answer = await api.http.get("/events/exports" + made["link"]["url"].partition("/exports")[2])
    rows = list(csv.DictReader(StringIO(answer.content.decode("utf-8-sig"))))
    ordered = sorted(tickets, key=lambda one: (one.created_at, one.id))
    assert [one["code"] for one in rows] == [one.code for one in ordered]
    assert [one["code"] for one in rows if one["first_entry"]] == [first.code]
    assert (await world.newest(AuditEntry)).subject_id == door.date.id
