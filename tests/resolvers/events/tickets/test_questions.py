"""Questions to attendees: written by members, answered for holds and for tickets."""

import csv
import io
from datetime import timedelta
from typing import Any

from core.clock import now
from core.ids import new_id
from models.events.questions import (
    AttendeeAnswer,
    EventQuestion,
    QuestionScope,
)
from models.events.selling.holds import HoldState, TicketHold
from models.events.ticket_types import TicketTypeKind
from models.questions import QuestionKind
from models.vendors import MemberRole
from services.events.questions.of_holds import delete_unused, find_unanswered
from tests.client import Client, gid
from tests.factories.offers import texts
from tests.factories.vendors import new_member
from tests.factories.world import World
from tests.invariants import check_invariants
from tests.resolvers.events.box_office import BoxOffice
from tests.resolvers.events.inputs import keyed
from tests.resolvers.events.ordering import TicketOrder

QUESTION = "question { id prompt active required questionKind choices { key name } }"
ANSWERS = "answers { place shown text number day yes choices question { prompt } }"
ASK = "query ($id: ID!) { event(id: $id) { questions { prompt active } } }"
DIETS = [{"key": "vegan", "name": texts(en="Vegan")}, {"key": "any", "name": texts(en="Any")}]


def asked(office: BoxOffice, of: QuestionKind, prompt: str = "Diet?", **changes: Any) -> Any:
    given = {"eventId": gid(office.event), "kind": of.value, "prompt": texts(en=prompt)}
    return keyed(**given) | changes


async def question(office: BoxOffice, **values: Any) -> EventQuestion:
    given: dict[str, Any] = {"kind": QuestionKind.TEXT, "prompt": {"en": "Diet?"}} | values
    row = EventQuestion(event_id=office.event.id, locale="en", **given)
    await office.world.save(row)
    return row


def answers(*given: tuple[EventQuestion, dict[str, Any] | None, int]) -> list[dict[str, Any]]:
    return [{"questionId": gid(one), "value": value, "place": at} for one, value, at in given]


async def test_questions_are_written_retired_and_ordered(world: World, api: Client) -> None:
    office = await BoxOffice.open(world)
    client = api.signed_in(await new_member(world, office.vendor, MemberRole.MANAGER))
    diet = asked(office, QuestionKind.CHOICE, choices=DIETS)
    first = (await client.do("createEventQuestion", diet, QUESTION))["question"]
    assert (await client.do("createEventQuestion", diet, QUESTION))["question"] == first
    assert [one["key"] for one in first["choices"]] == ["vegan", "any"]
    age = asked(office, QuestionKind.NUMBER, "Age?", ticketTypeId=gid(office.kind), required=True)
    second = (await client.do("createEventQuestion", age, QUESTION))["question"]
    order = {"eventId": gid(office.event), "questionIds": [second["id"], first["id"]]}
    await client.do("orderEventQuestions", order)
    shown = (await api.ask(ASK, id=gid(office.event)))["event"]["questions"]
    assert [one["prompt"] for one in shown] == ["Age?", "Diet?"]
    change = {"questionId": first["id"], "prompt": texts(en="Which diet?")}
    changed = await client.do("updateEventQuestion", change, QUESTION)
    assert changed["question"]["prompt"] == "Which diet?"
    retired = await client.do("retireEventQuestion", {"questionId": second["id"]}, QUESTION)
    assert not retired["question"]["active"]
    assert await client.refusal_codes("orderEventQuestions", order) == ["INVALID_INPUT"]
    assert len((await api.ask(ASK, id=gid(office.event)))["event"]["questions"]) == 1
    assert len((await client.ask(ASK, id=gid(office.event)))["event"]["questions"]) == 2
    restored = await client.do("restoreEventQuestion", {"questionId": second["id"]}, QUESTION)
    assert restored["question"]["active"]


async def test_questions_have_limits_and_fitting_choices(world: World, api: Client) -> None:
    office = await BoxOffice.open(world)
    client = api.signed_in(await new_member(world, office.vendor, MemberRole.MANAGER))
    for changes in (
        {"choices": DIETS},
        {"kind": "CHOICE"},
        {"kind": "CHOICES", "choices": DIETS[:1] * 2},
        {"kind": "CHOICE", "choices": [{"key": "No key", "name": texts(en="A")}]},
    ):
        given = asked(office, QuestionKind.TEXT, **changes)
        assert await client.refusal_codes("createEventQuestion", given) == ["INVALID_INPUT"]
    elsewhere = await BoxOffice.open(world)
    given = asked(office, QuestionKind.TEXT, ticketTypeId=gid(elsewhere.kind))
    assert await client.refusal_codes("createEventQuestion", given) == ["NOT_FOUND"]
    retired = await question(office, active=False)
    for position in range(30):
        await question(office, position=position)
    given = asked(office, QuestionKind.TEXT)
    assert await client.refusal_codes("createEventQuestion", given) == ["QUESTION_LIMIT_REACHED"]
    given = {"questionId": gid(retired)}
    assert await client.refusal_codes("restoreEventQuestion", given) == ["QUESTION_LIMIT_REACHED"]


async def test_questions_as_others(world: World, api: Client) -> None:
    office, elsewhere = await BoxOffice.open(world), await BoxOffice.open(world)
    row = await question(office)
    id = {"questionId": gid(row)}
    inputs: dict[str, Any] = {
        "createEventQuestion": asked(office, QuestionKind.TEXT),
        "updateEventQuestion": id | {"required": True},
        "retireEventQuestion": id,
        "restoreEventQuestion": id,
        "orderEventQuestions": {"eventId": gid(office.event), "questionIds": [gid(row)]},
    }
    staff = await new_member(world, office.vendor, MemberRole.STAFF)
    owner = await new_member(world, elsewhere.vendor, MemberRole.OWNER)
    for name, given in inputs.items():
        assert await api.mutation_failed(name, given) == ["UNAUTHENTICATED"]
        for user in (staff, owner, office.user):
            codes = await api.signed_in(user).refusal_codes(name, given)
            assert codes in (["FORBIDDEN"], ["NOT_FOUND"]), name
    assert (await world.fresh(row)).active


async def test_answers_follow_a_hold_to_its_tickets(world: World, api: Client) -> None:
    office = await BoxOffice.open(world)
    diet = await question(office, kind=QuestionKind.CHOICES, choices=named())
    phone = await question(office, scope=QuestionScope.ORDER, prompt={"en": "Phone?"}, position=1)
    hold = await office.hold(office.user, quantity=2)
    client = api.signed_in(office.user)
    vegan = {"choices": ["vegan", "any"]}
    given = answers((diet, vegan, 1), (phone, {"text": "+91 1"}, 0))
    fields = f"hold {{ questions {{ prompt }} {ANSWERS} }}"
    payload = await client.do(
        "answerHoldQuestions", {"holdId": gid(hold), "answers": given}, fields
    )
    assert payload["errors"] == []
    assert [one["prompt"] for one in payload["hold"]["questions"]] == ["Diet?", "Phone?"]
    assert sorted((one["place"], one["shown"]) for one in payload["hold"]["answers"]) == [
        (0, "+91 1"),
        (1, "Vegan; Any"),
    ]
    stored = await world.first(AttendeeAnswer)
    assert b"vegan" not in stored.answer
    assert b"91" not in stored.answer


async def test_a_question_of_no_type_is_asked_of_admissions_alone(
    world: World, api: Client
) -> None:
    """A donation has no attendee, so it is asked only the questions that name its type."""
    office = await BoxOffice.open(world)
    given = await world.ticket_type(office.event, office.quota, kind=TicketTypeKind.DONATION)
    diet = await question(office, required=True)
    await question(office, required=True, scope=QuestionScope.ORDER, prompt={"en": "Phone?"})
    hold = await world.ticket_hold(office.user, office.date, given, office.quota)
    client = api.signed_in(office.user)
    async with world.database.session() as session:
        assert await find_unanswered(session, [hold.id]) == set()
    input = {"holdId": gid(hold), "answers": answers((diet, {"text": "Vegan"}, 0))}
    assert await client.refusal_codes("answerHoldQuestions", input) == ["NOT_FOUND"]
    why = await question(office, required=True, ticket_type_id=given.id, prompt={"en": "Why?"})
    async with world.database.session() as session:
        assert await find_unanswered(session, [hold.id]) == {hold.id}
    input = {"holdId": gid(hold), "answers": answers((why, {"text": "Music"}, 0))}
    payload = await client.do("answerHoldQuestions", input, "hold { questions { prompt } }")
    assert payload["hold"]["questions"] == [{"prompt": "Why?"}]
    ticket = await world.ticket(office.user, office.date, given)
    asked = "query ($id: ID!) { node(id: $id) { ... on Ticket { questions { prompt } } } }"
    found = await client.ask(asked, id=gid(ticket))
    assert found["node"]["questions"] == [{"prompt": "Why?"}]


async def test_answers_fit_their_questions(world: World, api: Client) -> None:
    office = await BoxOffice.open(world)
    other = await world.ticket_type(office.event, office.quota)
    text = await question(office)
    number = await question(office, kind=QuestionKind.NUMBER)
    one = await question(office, kind=QuestionKind.CHOICE, choices=named())
    of_other = await question(office, ticket_type_id=other.id)
    retired = await question(office, active=False)
    required = await question(office, required=True)
    once = await question(office, scope=QuestionScope.ORDER)
    hold = await office.hold(office.user, quantity=2)
    client = api.signed_in(office.user)
    for given, code in (
        ((text, {"number": 1}, 0), "INVALID_INPUT"),
        ((text, {"text": "x" * 501}, 0), "INVALID_INPUT"),
        ((number, {"number": 2e9}, 0), "INVALID_INPUT"),
        ((one, {"choices": ["vegan", "any"]}, 0), "INVALID_INPUT"),
        ((one, {"choices": ["meat"]}, 0), "INVALID_INPUT"),
        ((text, {"text": "a"}, 2), "INVALID_INPUT"),
        ((once, {"text": "a"}, 1), "INVALID_INPUT"),
        ((required, None, 0), "INVALID_INPUT"),
        ((of_other, {"text": "a"}, 0), "NOT_FOUND"),
        ((retired, {"text": "a"}, 0), "NOT_FOUND"),
    ):
        input = {"holdId": gid(hold), "answers": answers(given)}
        assert await client.refusal_codes("answerHoldQuestions", input) == [code], given
    twice = answers((text, {"text": "a"}, 0), (text, {"text": "b"}, 0))
    input = {"holdId": gid(hold), "answers": twice}
    assert await client.refusal_codes("answerHoldQuestions", input) == ["INVALID_INPUT"]
    await client.do(
        "answerHoldQuestions", {"holdId": gid(hold), "answers": answers((text, {"text": "a"}, 0))}
    )
    removed = {"holdId": gid(hold), "answers": answers((text, None, 0))}
    payload = await client.do("answerHoldQuestions", removed, f"hold {{ {ANSWERS} }}")
    assert payload["hold"]["answers"] == []


async def test_answers_of_holds_as_others_and_of_an_ended_one(world: World, api: Client) -> None:
    office = await BoxOffice.open(world)
    row = await question(office)
    hold = await office.hold(office.user)
    input = {"holdId": gid(hold), "answers": answers((row, {"text": "None"}, 0))}
    owner = await new_member(world, office.vendor, MemberRole.OWNER)
    assert await api.mutation_failed("answerHoldQuestions", input) == ["UNAUTHENTICATED"]
    for user in (await world.user(), owner):
        codes = await api.signed_in(user).refusal_codes("answerHoldQuestions", input)
        assert codes == ["NOT_FOUND"]
    hold.state, hold.ended_at = HoldState.RELEASED, now()
    await world.save(hold)
    codes = await api.signed_in(office.user).refusal_codes("answerHoldQuestions", input)
    assert codes == ["HOLD_EXPIRED"]


async def test_changed_hold_keeps_the_answers_of_its_tickets(world: World, api: Client) -> None:
    office = await BoxOffice.open(world)
    other = await world.ticket_type(office.event, office.quota)
    row = await question(office)
    hold = await office.hold(office.user, quantity=2)
    for place in (0, 1):
        await answer(world, row, hold, office, place)
    lines = [
        {"ticketTypeId": gid(office.kind), "quantity": 1},
        {"ticketTypeId": gid(other), "quantity": 1},
    ]
    change = keyed(holdId=gid(hold), lines=lines)
    client = api.signed_in(office.user)
    payload = await client.do("changeHold", change, f"hold {{ {ANSWERS} }}")
    assert [one["place"] for one in payload["hold"]["answers"]] == [0]


def named() -> list[dict[str, Any]]:
    return [{"key": "vegan", "name": {"en": "Vegan"}}, {"key": "any", "name": {"en": "Any"}}]


def for_ticket(row: EventQuestion, value: dict[str, Any]) -> dict[str, Any]:
    return {"questionId": gid(row), "value": value}


async def answer(
    world: World, row: EventQuestion, hold: TicketHold, office: BoxOffice, place: int = 0
) -> AttendeeAnswer:
    id = new_id()
    sealed = world.sealer.seal("attendee_answer.answer", id, b'{"text": "=Vegan"}')
    stored = AttendeeAnswer(
        id=id,
        question_id=row.id,
        hold_id=hold.id,
        user_id=office.user.id,
        place=place,
        answer=sealed,
    )
    await world.save(stored)
    return stored


async def test_an_order_needs_the_required_answers(world: World, api: Client) -> None:
    office = await BoxOffice.open(world)
    diet = await question(office, required=True)
    phone = await question(
        office, required=True, scope=QuestionScope.ORDER, prompt={"en": "Phone?"}
    )
    other = await world.ticket_type(office.event, office.quota)
    await question(office, required=True, ticket_type_id=other.id)
    order = await TicketOrder.begin(office, api, quantity=2)
    found = await order.check_out()
    assert [(one["code"], one["holdId"]) for one in found["problems"]] == [
        ("ANSWERS_MISSING", gid(order.hold))
    ]
    codes = await order.client.refusal_codes("placeOrder", order.input(found))
    assert codes == ["ANSWERS_MISSING"]
    for given in (
        [(diet, {"text": "Vegan"}, 1), (phone, {"text": "+91 1"}, 0)],
        [(diet, {"text": "=None"}, 0)],
    ):
        assert (await order.check_out())["problems"] != []
        input = {"holdId": gid(order.hold), "answers": answers(*given)}
        assert await order.client.refusal_codes("answerHoldQuestions", input) == []
    await order.buy()
    first, second = await order.tickets()
    fields = f"query ($id: ID!) {{ node(id: $id) {{ ... on Ticket {{ {ANSWERS} }} }} }}"
    for ticket, text in ((first, "=None"), (second, "Vegan")):
        node = (await order.client.ask(fields, id=gid(ticket)))["node"]
        assert [one["text"] for one in node["answers"]] == [text]
    staff = api.signed_in(await new_member(world, office.vendor, MemberRole.STAFF))
    assert (await staff.ask(fields, id=gid(first)))["node"]["answers"][0]["shown"] == "=None"
    stranger = api.signed_in(await world.user())
    assert (await stranger.ask(fields, id=gid(first)))["node"] is None
    rows = await export(staff, api, office)
    assert [one["Diet?"] for one in rows] == ["'=None", "Vegan"]
    assert [one["Phone?"] for one in rows] == ["'+91 1"] * 2
    await check_invariants(world.database)


async def export(client: Client, api: Client, office: BoxOffice) -> list[dict[str, str]]:
    input = {"eventDateId": gid(office.date), "export": "ATTENDEES"}
    made = await client.do("exportEventDate", input, "link { url }")
    return await download(api, made["link"]["url"])


async def download(api: Client, url: str) -> list[dict[str, str]]:
    answer = await api.http.get(url[url.index("/events/") :])
    assert answer.status_code == 200
    return list(csv.DictReader(io.StringIO(answer.content.decode("utf-8-sig"))))


async def test_a_transfer_deletes_the_answers(world: World, api: Client) -> None:
    office, friend = await BoxOffice.open(world), await world.user()
    row = await question(office)
    ticket = await world.ticket(office.user, office.date, office.kind, office.quota)
    input = {"ticketId": gid(ticket), "answers": [for_ticket(row, {"text": "Vegan"})]}
    assert await api.signed_in(office.user).refusal_codes("answerTicketQuestions", input) == []
    transfer = await world.ticket_transfer(ticket, friend)
    accept = keyed(transfer={"transferId": gid(transfer)})
    shown = f"ticket {{ {ANSWERS} }}"
    payload = await api.signed_in(friend).do("acceptTransfer", accept, shown)
    assert payload["ticket"]["answers"] == []
    assert await api.signed_in(office.user).refusal_codes("answerTicketQuestions", input) == [
        "NOT_FOUND"
    ]


async def test_answers_of_holds_that_ended_unsold_are_deleted(world: World) -> None:
    office = await BoxOffice.open(world)
    row = await question(office)
    ended: list[TicketHold] = []
    for days in (8, 6):
        hold = await office.hold(await world.user())
        hold.state, hold.ended_at = HoldState.EXPIRED, now() - timedelta(days=days)
        await world.save(hold)
        await answer(world, row, hold, office)
        ended.append(hold)
    async with world.database.session() as session, session.begin():
        assert await delete_unused(session) == 1
    assert (await world.first(AttendeeAnswer)).hold_id == ended[1].id
