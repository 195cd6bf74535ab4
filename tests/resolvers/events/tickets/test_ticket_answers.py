"""Answers of tickets: set by holders and members until a time, exported and deleted."""

from datetime import datetime, timedelta

import pytest

from core.clock import now
from models.events.dates import EventDateState
from models.events.questions import (
    AttendeeAnswer,
    QuestionScope,
)
from models.questions import QuestionKind
from models.vendors import MemberRole
from tests.client import Client, gid
from tests.factories.vendors import new_member
from tests.factories.world import World
from tests.resolvers.events.box_office import BoxOffice
from tests.resolvers.events.tickets.test_questions import ANSWERS, for_ticket, question


async def test_answers_of_a_ticket_by_its_holder_and_members(world: World, api: Client) -> None:
    office = await BoxOffice.open(world)
    row = await question(office, kind=QuestionKind.YES_NO)
    once = await question(office, scope=QuestionScope.ORDER)
    ticket = await world.ticket(office.user, office.date, office.kind, office.quota)
    input = {"ticketId": gid(ticket), "answers": [for_ticket(row, {"yes": True})]}
    fields = f"ticket {{ questions {{ id }} {ANSWERS} }}"
    payload = await api.signed_in(office.user).do("answerTicketQuestions", input, fields)
    assert [one["id"] for one in payload["ticket"]["questions"]] == [gid(row)]
    assert [(one["yes"], one["shown"]) for one in payload["ticket"]["answers"]] == [(True, "yes")]
    staff = api.signed_in(await new_member(world, office.vendor, MemberRole.STAFF))
    changed = input | {"answers": [for_ticket(row, {"yes": False})]}
    payload = await staff.do("answerTicketQuestions", changed, fields)
    assert [one["yes"] for one in payload["ticket"]["answers"]] == [False]
    assert (await world.first(AttendeeAnswer)).user_id == office.user.id
    of_order = input | {"answers": [for_ticket(once, {"text": "a"})]}
    assert await staff.refusal_codes("answerTicketQuestions", of_order) == ["NOT_FOUND"]
    scanner = await new_member(world, office.vendor, MemberRole.SCANNER)
    assert await api.mutation_failed("answerTicketQuestions", input) == ["UNAUTHENTICATED"]
    for user in (await world.user(), scanner):
        codes = await api.signed_in(user).refusal_codes("answerTicketQuestions", input)
        assert codes in (["NOT_FOUND"], ["FORBIDDEN"])


@pytest.mark.parametrize("hours", [-1, -3])
async def test_answers_of_a_ticket_once_its_date_began(
    world: World, api: Client, hours: int
) -> None:
    office = await BoxOffice.open(world)
    row = await question(office)
    ticket = await world.ticket(office.user, office.date, office.kind)
    await begin(world, office, hours)
    input = {"ticketId": gid(ticket), "answers": [for_ticket(row, {"text": "a"})]}
    over = hours == -3
    codes = await api.signed_in(office.user).refusal_codes("answerTicketQuestions", input)
    assert codes == ["TICKET_DATE_OVER" if over else "ANSWERS_CLOSED"]
    staff = api.signed_in(await new_member(world, office.vendor, MemberRole.STAFF))
    codes = await staff.refusal_codes("answerTicketQuestions", input)
    assert codes == (["TICKET_DATE_OVER"] if over else [])


@pytest.mark.parametrize("open_", [True, False])
async def test_answers_of_a_ticket_until_the_deadline_of_the_event(
    world: World, api: Client, open_: bool
) -> None:
    """The deadline is a day before the start. A hold of a late buyer is answered after it."""
    office = await BoxOffice.open(world, answer_until_hours=24)
    row = await question(office)
    ticket = await world.ticket(office.user, office.date, office.kind)
    await begin(world, office, 25 if open_ else 23)
    client = api.signed_in(office.user)
    input = {"ticketId": gid(ticket), "answers": [for_ticket(row, {"text": "a"})]}
    codes = [] if open_ else ["ANSWERS_CLOSED"]
    assert await client.refusal_codes("answerTicketQuestions", input) == codes
    query = """query ($id: ID!) { eventDate(id: $id) {
        startsAt answersUntil event { answerUntilHours } } }"""
    shown = (await client.ask(query, id=gid(office.date)))["eventDate"]
    starts, until = (datetime.fromisoformat(shown[name]) for name in ("startsAt", "answersUntil"))
    assert starts - until == timedelta(hours=24)
    assert shown["event"] == {"answerUntilHours": 24}
    staff = api.signed_in(await new_member(world, office.vendor, MemberRole.STAFF))
    assert await staff.refusal_codes("answerTicketQuestions", input) == []
    user = await world.user()
    hold, buyer = await office.hold(user), api.signed_in(user)
    late = {"holdId": gid(hold), "answers": [for_ticket(row, {"text": "b"})]}
    assert await buyer.refusal_codes("answerHoldQuestions", late) == []


async def test_answers_stay_open_while_a_date_has_no_new_time(world: World, api: Client) -> None:
    office = await BoxOffice.open(world, answer_until_hours=24)
    row = await question(office)
    ticket = await world.ticket(office.user, office.date, office.kind)
    await begin(world, office, 1)
    date = await world.fresh(office.date)
    date.state = EventDateState.POSTPONED
    await world.save(date)
    client = api.signed_in(office.user)
    input = {"ticketId": gid(ticket), "answers": [for_ticket(row, {"text": "a"})]}
    assert await client.refusal_codes("answerTicketQuestions", input) == []
    query = "query ($id: ID!) { eventDate(id: $id) { answersUntil } }"
    assert (await client.ask(query, id=gid(date)))["eventDate"] == {"answersUntil": None}


async def begin(world: World, office: BoxOffice, hours: int) -> None:
    """Have the date start some hours from now. It lasts two."""
    date = await world.fresh(office.date)
    date.starts_at = now() + timedelta(hours=hours)
    date.ends_at = date.starts_at + timedelta(hours=2)
    await world.save(date)
