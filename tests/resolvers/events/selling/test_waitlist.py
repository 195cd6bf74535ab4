"""Waitlists: joined, left and declined as a client, also as the wrong user, and served."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

import pytest
from sqlmodel import select

from core.clock import now
from core.database import Database
from models.events.events import EventState, WaitlistRule
from models.events.selling.holds import HoldLine, HoldState, TicketHold
from models.events.selling.waitlist import WaitlistEntry, WaitlistState
from models.events.ticket_types import TicketQuota
from models.identity.accounts import User
from models.vendors import MemberRole
from tests.client import Client, gid
from tests.factories.events import tier
from tests.factories.vendors import outsider
from tests.factories.world import World
from tests.invariants import check_invariants
from tests.resolvers.events.box_office import BoxOffice
from tests.resolvers.events.inputs import hold_input, keyed
from tests.resolvers.events.waiting import end, holds_of, join_input, notices_of, serve, state_of

ENTRY = """waitlistEntry {
  id state least most together accessible skips unanswered endedAt
  ticketTypes { id } eventDate { id } blockedBy { name }
}"""
OWN = "{ waitlistEntries { nodes { id state blockedBy { name } } } }"
MEMBERS = "query ($id: ID!) { waitlist(eventDateId: $id) { nodes { id state blockedBy { id } } } }"


async def free(world: World, quota: TicketQuota, tickets: int) -> None:
    """Raise the capacity of a quota, whatever waits for it."""
    fresh = await world.fresh(quota)
    fresh.capacity += tickets
    await world.save(fresh)


async def test_join_is_served_before_the_public_sale(
    world: World, api: Client, database: Database
) -> None:
    office = await BoxOffice.open(world, capacity=2)
    sold = await office.hold(await world.user(), quantity=2)
    client, input = api.signed_in(office.user), join_input(office, office.kind)
    joined = await client.do("joinWaitlist", input, ENTRY)
    assert joined["errors"] == []
    assert joined["waitlistEntry"] == {
        "id": joined["waitlistEntry"]["id"],
        "state": "WAITING",
        "least": 1,
        "most": 2,
        "together": "ANY",
        "accessible": 0,
        "skips": 0,
        "unanswered": 0,
        "endedAt": None,
        "ticketTypes": [{"id": gid(office.kind)}],
        "eventDate": {"id": gid(office.date)},
        "blockedBy": [],
    }
    assert await client.do("joinWaitlist", input, ENTRY) == joined
    assert await client.refusal_codes("joinWaitlist", input | keyed()) == ["ALREADY_WAITING"]
    await end(world, sold)
    public = api.signed_in(await world.user())
    wanted = hold_input(office.date, (office.kind, 1))
    assert await public.refusal_codes("holdTickets", wanted) == ["TICKETS_SOLD_OUT"]
    await serve(world, office)
    entry = await world.first(WaitlistEntry)
    (hold,) = await holds_of(world, entry)
    assert entry.state is WaitlistState.HOLDING
    assert hold.expires_at - now() > timedelta(hours=23)
    assert (await office.taken(), await office.counted(office.user)) == (2, 2)
    listed = await client.ask("{ ticketHolds { nodes { holdSource total { decimal } } } }")
    assert listed["ticketHolds"]["nodes"] == [
        {"holdSource": "WAITLIST", "total": {"decimal": "200.00"}}
    ]
    (notice,) = await notices_of(world, office.user)
    assert (notice.kind, notice.subject_id) == ("WAITLIST_HOLD", hold.id)
    fewer = keyed(holdId=gid(hold), lines=wanted["lines"])
    assert await client.refusal_codes("changeHold", fewer) == []
    assert (await world.fresh(hold)).expires_at == hold.expires_at, "it is not shortened"
    assert not (await world.fresh(office.quota)).waitlist_first, "no entry waits any more"
    assert await public.refusal_codes("holdTickets", wanted | keyed()) == []
    await check_invariants(database)


async def test_a_waitlist_hold_is_changed_to_fewer_tickets_alone(world: World, api: Client) -> None:
    """It lives for a day: with more or others, it would keep them from the public sale so long."""
    office = await BoxOffice.open(world, capacity=1)
    sold = await office.hold(await world.user())
    client = api.signed_in(office.user)
    assert await client.refusal_codes("joinWaitlist", join_input(office, office.kind)) == []
    await end(world, sold)
    await serve(world, office)
    (hold,) = await holds_of(world, await world.first(WaitlistEntry))
    await free(world, office.quota, 5)
    other = await world.ticket_type(office.event, office.quota)
    for lines in (((office.kind, 2),), ((other, 1),), ((office.kind, 1), (other, 1))):
        wanted = hold_input(office.date, *lines)["lines"]
        change = keyed(holdId=gid(hold), lines=wanted)
        assert await client.refusal_codes("changeHold", change) == ["TICKETS_SOLD_OUT"]
    assert await office.taken() == 1


async def test_join_refusals(world: World, api: Client) -> None:
    office = await BoxOffice.open(world, capacity=1)
    client = api.signed_in(office.user)
    assert await client.refusal_codes("joinWaitlist", join_input(office)) == ["TICKETS_LEFT"]
    await office.hold(await world.user())
    foreign = await BoxOffice.open(world)
    hidden = await world.ticket_type(office.event, office.quota, needs_code=True)
    for kind in (foreign.kind, hidden):
        refused = await client.refusal_codes("joinWaitlist", join_input(office, kind))
        assert refused == ["NOT_FOUND"]
    for wrong in ({"least": 3}, {"most": 11}, {"accessible": 3}, {"least": 0}):
        refused = await client.refusal_codes("joinWaitlist", join_input(office, **wrong))
        assert refused == ["INVALID_INPUT"]
    twice = join_input(office, office.kind, office.kind)
    assert await client.refusal_codes("joinWaitlist", twice) == ["INVALID_INPUT"]
    assert await api.mutation_failed("joinWaitlist", join_input(office)) == ["UNAUTHENTICATED"]
    limited = await BoxOffice.open(world, capacity=1, max_per_user=2)
    await limited.hold(office.user)
    over = join_input(limited, least=2)
    assert await client.refusal_codes("joinWaitlist", over) == ["TICKET_LIMIT"]


@pytest.mark.parametrize(
    ("values", "code"),
    [
        ({"waitlist": WaitlistRule.OFF}, "WAITLIST_CLOSED"),
        ({"state": EventState.PAUSED}, "SALE_NOT_OPEN"),
        ({"state": EventState.ENDED}, "SALE_ENDED"),
        ({"state": EventState.DRAFT}, "NOT_FOUND"),
    ],
)
async def test_join_needs_an_open_sale(
    world: World, api: Client, values: dict[str, Any], code: str
) -> None:
    office = await BoxOffice.open(world, capacity=0, **values)
    client = api.signed_in(office.user)
    assert await client.refusal_codes("joinWaitlist", join_input(office)) == [code]


async def test_leave_and_decline_as_their_user_and_as_others(
    world: World, api: Client, database: Database
) -> None:
    office = await BoxOffice.open(world, capacity=2)
    first = await world.waitlist_entry(office.user, office.date)
    other = await world.user()
    second = await world.waitlist_entry(other, office.date)
    await serve(world, office)
    (hold,) = await holds_of(world, first)
    decline, leave = {"holdId": gid(hold)}, {"waitlistEntryId": gid(first)}
    owner = await world.user()
    await world.member(office.vendor, owner, MemberRole.OWNER)
    for client in (api.signed_in(other), api.signed_in(owner)):
        assert await client.refusal_codes("declineWaitlistHold", decline) == ["NOT_FOUND"]
        assert await client.refusal_codes("leaveWaitlist", leave) == ["NOT_FOUND"]
    assert await api.mutation_failed("declineWaitlistHold", decline) == ["UNAUTHENTICATED"]
    assert await api.mutation_failed("leaveWaitlist", leave) == ["UNAUTHENTICATED"]
    client = api.signed_in(office.user)
    for _ in range(2):
        declined = await client.do("declineWaitlistHold", decline, ENTRY)
        assert declined["waitlistEntry"]["state"] == "LEFT"
    assert await client.refusal_codes("leaveWaitlist", leave) == []
    await serve(world, office)
    assert await state_of(world, second) is WaitlistState.HOLDING, "the next one, at once"
    client = api.signed_in(other)
    left = await client.do("leaveWaitlist", {"waitlistEntryId": gid(second)}, ENTRY)
    assert left["waitlistEntry"]["state"] == "LEFT"
    assert await office.taken() == 0
    public = await office.hold(other)
    mine = {"holdId": gid(public)}
    assert await client.refusal_codes("declineWaitlistHold", mine) == ["NOT_FOUND"]
    await check_invariants(database)


async def test_a_hold_in_an_order_is_not_declined(world: World, api: Client) -> None:
    office = await BoxOffice.open(world, capacity=1)
    entry = await world.waitlist_entry(office.user, office.date)
    await serve(world, office)
    (hold,) = await holds_of(world, entry)
    hold.state = HoldState.CHECKOUT
    await world.save(hold)
    client = api.signed_in(office.user)
    assert await client.refusal_codes("declineWaitlistHold", {"holdId": gid(hold)}) == [
        "HOLD_EXPIRED"
    ]
    leave = {"waitlistEntryId": gid(entry)}
    assert await client.refusal_codes("leaveWaitlist", leave) == ["HOLD_EXPIRED"]
    await end(world, hold)
    await end_entry(world, entry, WaitlistState.SERVED)
    assert await client.refusal_codes("leaveWaitlist", leave) == ["WAITLIST_STATE"]


async def end_entry(world: World, entry: WaitlistEntry, state: WaitlistState) -> None:
    fresh = await world.fresh(entry)
    fresh.end(state, now())
    await world.save(fresh)


async def test_members_see_the_waitlist_and_what_blocks_it(world: World, api: Client) -> None:
    office = await BoxOffice.open(world, capacity=1)
    entry = await world.waitlist_entry(office.user, office.date, least=2)
    staff = await world.user()
    await world.member(office.vendor, staff, MemberRole.STAFF)
    date_id = gid(office.date)
    shown = await api.signed_in(staff).ask(MEMBERS, id=date_id)
    assert shown["waitlist"]["nodes"] == [
        {"id": gid(entry), "state": "WAITING", "blockedBy": [{"id": gid(office.quota)}]}
    ]
    own = await api.signed_in(office.user).ask(OWN)
    assert own["waitlistEntries"]["nodes"] == [
        {"id": gid(entry), "state": "WAITING", "blockedBy": []}
    ]
    for kind in ("a stranger", "a customer", "SCANNER", "another vendor's owner"):
        client = api.signed_in(await outsider(world, office.vendor, kind))
        assert (await client.ask(MEMBERS, id=date_id))["waitlist"]["nodes"] == []
        assert (await client.ask(OWN))["waitlistEntries"]["nodes"] == []


async def test_members_learn_who_waits_also_without_an_order(world: World, api: Client) -> None:
    office = await BoxOffice.open(world, capacity=1)
    entry = await world.waitlist_entry(office.user, office.date)
    query = "query ($id: ID!) { node(id: $id) { ... on WaitlistEntry { customer { id name } } } }"
    known = {"customer": {"id": gid(office.user), "name": office.user.name}}
    staff = await outsider(world, office.vendor, "STAFF")
    for user in (staff, await world.admin(), office.user):
        assert (await api.signed_in(user).ask(query, id=gid(entry)))["node"] == known
    node = "query ($id: ID!) { node(id: $id) { id } }"
    for kind in ("a stranger", "a customer", "SCANNER", "another vendor's owner"):
        client = api.signed_in(await outsider(world, office.vendor, kind))
        assert (await client.ask(query, id=gid(entry)))["node"] is None
        assert (await client.ask(node, id=gid(office.user)))["node"] is None


async def test_one_entry_gets_one_hold_of_several_types(world: World, database: Database) -> None:
    """“2 to 4 of A or B” gets three at once when two of A and one of B come free."""
    office = await BoxOffice.open(world, capacity=0)
    scarce = await world.quota(office.date, 0)
    early = await world.quota(office.date, 0)
    tiers = [tier("Early", 50_00, quota_id=early.id)]
    other = await world.ticket_type(office.event, scarce, tiers=tiers)
    entry = await world.waitlist_entry(
        office.user, office.date, type_ids=[office.kind.id, other.id], least=2, most=4
    )
    later = await world.waitlist_entry(await world.user(), office.date, type_ids=[other.id])
    await free(world, office.quota, 2)
    await free(world, scarce, 1)
    await serve(world, office)
    (hold,) = await holds_of(world, entry)
    assert (await office.taken(), (await world.fresh(scarce)).taken) == (2, 1)
    assert await office.counted(office.user) == 3
    assert await state_of(world, later) is WaitlistState.WAITING, "early birds jump no order"
    assert hold.state is HoldState.OPEN
    await check_invariants(database)


async def test_an_early_bird_that_is_sold_out_jumps_no_order(
    world: World, api: Client, database: Database
) -> None:
    """A tier is a price: its places are the type's, for whom has waited longest."""
    office = await BoxOffice.open(world, capacity=2)
    early = await world.quota(office.date, 1)
    kind = await world.ticket_type(
        office.event, office.quota, tiers=[tier("Early", 50_00, quota_id=early.id)]
    )
    client = api.signed_in(office.user)
    buyer, other = await world.user(), await world.user()
    wanted = hold_input(office.date, (kind, 1))
    assert await api.signed_in(buyer).refusal_codes("holdTickets", wanted) == []
    (cheap,) = await holds_by(world, buyer)
    refused = await client.refusal_codes("joinWaitlist", join_input(office, kind))
    assert refused == ["TICKETS_LEFT"], "the tier is sold out, the type is not"
    assert await api.signed_in(other).refusal_codes("holdTickets", wanted | keyed()) == []
    (dear,) = await holds_by(world, other)
    first = await world.waitlist_entry(office.user, office.date, type_ids=[kind.id], most=1)
    second = await world.waitlist_entry(await world.user(), office.date, type_ids=[kind.id])
    await end(world, dear)
    await serve(world, office)
    assert await state_of(world, first) is WaitlistState.HOLDING
    assert await prices_of(world, first) == [100_00]
    await end(world, cheap)
    public = api.signed_in(await world.user())
    assert await public.refusal_codes("holdTickets", wanted | keyed()) == ["TICKETS_SOLD_OUT"]
    await serve(world, office)
    assert await prices_of(world, second) == [50_00], "the early-bird place that came back"
    await check_invariants(database)


async def holds_by(world: World, user: User) -> Sequence[TicketHold]:
    async with world.database.session() as session:
        return (await session.exec(select(TicketHold).filter_by(user_id=user.id))).all()


async def prices_of(world: World, entry: WaitlistEntry) -> Sequence[int]:
    (hold,) = await holds_of(world, entry)
    async with world.database.session() as session:
        return (await session.exec(select(HoldLine.price).where(HoldLine.hold_id == hold.id))).all()


async def test_what_was_served_once_is_not_served_again(world: World, database: Database) -> None:
    """Cancelling what a hold bought serves the next in line, once."""
    office = await BoxOffice.open(world, capacity=1)
    entries = [
        await world.waitlist_entry(await world.user(), office.date, most=1) for _ in range(3)
    ]
    await serve(world, office)
    (hold,) = await holds_of(world, entries[0])
    await end_entry(world, entries[0], WaitlistState.SERVED)
    await end(world, hold, HoldState.RELEASED)
    for _ in range(2):
        await serve(world, office)
        states = [await state_of(world, one) for one in entries]
        assert states == ["SERVED", "HOLDING", "WAITING"]
        assert await office.taken() == 1
    assert (await world.fresh(office.quota)).waitlist_first
    await check_invariants(database)


async def test_an_entry_lapses_when_it_does_not_answer_twice(
    world: World, database: Database
) -> None:
    office = await BoxOffice.open(world, capacity=1)
    entry = await world.waitlist_entry(office.user, office.date)
    for state in (WaitlistState.WAITING, WaitlistState.LAPSED):
        await serve(world, office)
        assert not (await world.fresh(office.quota)).waitlist_first
        await end(world, (await holds_of(world, entry))[-1])
        assert await state_of(world, entry) is state
        closed = (await world.fresh(office.quota)).waitlist_first
        assert closed == (state is WaitlistState.WAITING), "before its ticket was free"
    await serve(world, office)
    assert not (await world.fresh(office.quota)).waitlist_first
    assert len(await holds_of(world, entry)) == 2
    await check_invariants(database)


async def test_the_first_that_fits_is_served_but_passes_none_too_often(world: World) -> None:
    office = await BoxOffice.open(world, capacity=0)
    large = await world.waitlist_entry(office.user, office.date, least=3, most=3)
    for skips in (1, 2, 3):
        small = await world.waitlist_entry(await world.user(), office.date, most=1)
        await free(world, office.quota, 1)
        await serve(world, office)
        assert await state_of(world, small) is WaitlistState.HOLDING
        assert (await world.fresh(large)).skips == skips
    small = await world.waitlist_entry(await world.user(), office.date, most=1)
    await free(world, office.quota, 2)
    await serve(world, office)
    assert await state_of(world, small) is WaitlistState.WAITING, "blocked for a day"
    await free(world, office.quota, 1)
    await serve(world, office)
    assert await state_of(world, large) is WaitlistState.HOLDING


async def test_a_strict_waitlist_passes_nobody_of_the_same_quota(world: World) -> None:
    office = await BoxOffice.open(world, capacity=0, waitlist=WaitlistRule.STRICT)
    aside = await world.quota(office.date, 1)
    other = await world.ticket_type(office.event, aside)
    own = [office.kind.id]
    first = await world.waitlist_entry(office.user, office.date, type_ids=own, least=2)
    second = await world.waitlist_entry(await world.user(), office.date, type_ids=own)
    third = await world.waitlist_entry(await world.user(), office.date, type_ids=[other.id])
    await free(world, office.quota, 1)
    await serve(world, office)
    states = [await state_of(world, one) for one in (first, second, third)]
    assert states == ["WAITING", "WAITING", "HOLDING"]
    assert (await world.fresh(first)).skips == 0, "another quota's entry does not pass it"


async def test_entries_end_that_cannot_be_served(world: World) -> None:
    office = await BoxOffice.open(world, capacity=3, max_per_user=2)
    full = await world.waitlist_entry(office.user, office.date)
    await office.hold(office.user, quantity=2)
    erased = await world.waitlist_entry(await world.user(is_erased=True), office.date)
    await serve(world, office)
    assert await state_of(world, full) is WaitlistState.LAPSED
    assert await state_of(world, erased) is WaitlistState.LAPSED
    waiting = await world.waitlist_entry(await world.user(), office.date)
    office.date.sale_ends_at = now()
    await world.save(office.date)
    await serve(world, office)
    assert await state_of(world, waiting) is WaitlistState.LAPSED
