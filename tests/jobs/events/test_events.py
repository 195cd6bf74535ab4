"""Jobs of events: holds that have expired, dates that are over, and venues that have moved."""

from datetime import timedelta

import pytest
from sqlmodel import select

from core.clock import now
from jobs import events
from models.events.dates import EventDateState
from models.events.selling.holds import HoldState, TicketHold
from models.events.selling.sale_queue import SaleQueueEntry, SaleQueueState
from models.notifications.inbox import Notification
from services.events.holds.ending import end_holds
from tests.factories.world import World
from tests.jobs.conftest import Defer, Work
from tests.resolvers.events.box_office import BoxOffice


async def test_jobs_end_what_is_over(world: World, defer: Defer, work: Work) -> None:
    office = await BoxOffice.open(world)
    hold = await office.hold(office.user, expires_at=now() - timedelta(minutes=1))
    lost = await office.hold(await world.user(), expires_at=now() - timedelta(minutes=1))
    hour = timedelta(hours=1)
    over = await world.event_date(office.event, starts_at=now() - 2 * hour, ends_at=now() - hour)
    await defer("end_hold", hold_id=hold.id)
    await defer("end_event_date", event_date_id=over.id)
    await work()
    assert (await world.fresh(hold)).state == HoldState.EXPIRED
    assert (await world.fresh(over)).state == EventDateState.ENDED
    await defer("end_overdue_holds", timestamp=0)
    await work()
    assert (await world.fresh(lost)).state == HoldState.EXPIRED
    assert await office.taken() == 0


async def test_events_are_listed_where_their_venue_is(
    world: World, defer: Defer, work: Work
) -> None:
    vendor = await world.vendor()
    event, venue = await world.event(vendor), await world.venue(vendor)
    await world.event_date(event, venue)
    venue.city = "Mysuru"
    await world.save(venue)
    await defer("relist_events", venue_id=venue.id)
    await work()
    assert (await world.fresh(event)).city == "Mysuru"


async def test_jobs_serve_those_who_wait_and_tell_those_who_lapsed(
    world: World, defer: Defer, work: Work
) -> None:
    office = await BoxOffice.open(world, capacity=1)
    entry = await world.waitlist_entry(office.user, office.date)
    await defer("serve_waitlists", timestamp=0)
    for state in ("HOLDING", "HOLDING", "LAPSED"):
        await work()
        assert (await world.fresh(entry)).state == state
        async with world.database.session() as session, session.begin():
            rows = select(TicketHold).where(TicketHold.state == HoldState.OPEN)
            holds = (await session.exec(rows)).all()
            await end_holds(session, holds, HoldState.EXPIRED)
    async with world.database.session() as session:
        notices = (await session.exec(select(Notification))).all()
    assert sorted(one.kind for one in notices) == [
        "WAITLIST_HOLD",
        "WAITLIST_HOLD",
        "WAITLIST_LAPSED",
    ]
    assert await office.taken() == 0


async def test_a_job_opens_queues_and_calls_users(
    world: World, defer: Defer, work: Work, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(events, "TICK_SECONDS", 0)
    monkeypatch.setattr(events, "TICKS", 3)
    office = await BoxOffice.open(world)
    later = await world.sale_queue(
        office.event, state=SaleQueueState.OFF, opens_at=now() - timedelta(minutes=5)
    )
    later.prequeue_at = now() - timedelta(minutes=10)
    await world.save(later, SaleQueueEntry(queue_id=later.id, user_id=office.user.id))
    await defer("serve_sale_queues", timestamp=0)
    await work()
    queue = await world.fresh(later)
    assert (queue.state, queue.drawn_count) == (SaleQueueState.OPEN, 1)
