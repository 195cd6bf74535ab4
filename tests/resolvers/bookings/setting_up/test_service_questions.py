"""Questions of services: written by managers, answered with a booking before it is confirmed."""

from datetime import timedelta
from typing import Any

import pytest

from core.clock import now
from models.bookings.bookings import BookingState
from models.bookings.intake import (
    MAX_KEPT_SERVICE_QUESTIONS,
    MAX_SERVICE_QUESTIONS,
    BookingAnswer,
    ServiceQuestion,
)
from models.questions import QuestionKind
from models.vendors import MemberRole
from tests.client import Client, gid
from tests.factories.offers import texts
from tests.factories.vendors import new_member
from tests.factories.world import World
from tests.resolvers.bookings.clinic import Clinic
from tests.resolvers.events.inputs import keyed
from tests.resolvers.pets.nulls import NULLS
from tests.resolvers.test_update_inputs import ensure_reset

QUESTION = "question { id prompt active required questionKind choices { key name } }"
ASKED = "query ($id: ID!) { service(id: $id) { intakeQuestions { prompt active } } }"
ANSWERS = """booking { intakeQuestions { id } intakeAnswers { shown text number day yes choices
  question { prompt } } }"""
FEARS = [{"key": "dogs", "name": texts(en="Dogs")}, {"key": "none", "name": texts(en="None")}]


def asked(clinic: Clinic, of: QuestionKind, prompt: str = "Fears?", **changes: Any) -> Any:
    given = {"serviceId": gid(clinic.visit), "kind": of.value, "prompt": texts(en=prompt)}
    return keyed(**given) | changes


async def question(clinic: Clinic, **values: Any) -> ServiceQuestion:
    given: dict[str, Any] = {"kind": QuestionKind.TEXT, "prompt": {"en": "Fears?"}} | values
    row = ServiceQuestion(service_id=clinic.visit.id, locale="en", **given)
    await clinic.world.save(row)
    return row


def answers(booking: Any, *given: tuple[ServiceQuestion, dict[str, Any] | None]) -> dict[str, Any]:
    values = [{"questionId": gid(one), "value": value} for one, value in given]
    return {"bookingId": gid(booking), "answers": values}


async def test_questions_are_written_retired_and_ordered(world: World, api: Client) -> None:
    clinic = await Clinic.open(world)
    client = api.signed_in(await clinic.member(MemberRole.MANAGER))
    fears = asked(clinic, QuestionKind.CHOICE, choices=FEARS)
    first = (await client.do("createServiceQuestion", fears, QUESTION))["question"]
    assert (await client.do("createServiceQuestion", fears, QUESTION))["question"] == first
    assert [one["key"] for one in first["choices"]] == ["dogs", "none"]
    age = asked(clinic, QuestionKind.NUMBER, "Age?", required=True)
    second = (await client.do("createServiceQuestion", age, QUESTION))["question"]
    order = {"serviceId": gid(clinic.visit), "questionIds": [second["id"], first["id"]]}
    assert await client.refusal_codes("orderServiceQuestions", order) == []
    shown = (await api.ask(ASKED, id=gid(clinic.visit)))["service"]["intakeQuestions"]
    assert [one["prompt"] for one in shown] == ["Age?", "Fears?"]
    change = {"questionId": first["id"], "prompt": texts(en="What frightens you?")}
    changed = await client.do("updateServiceQuestion", change, QUESTION)
    assert changed["question"]["prompt"] == "What frightens you?"
    retire = {"questionId": second["id"]}
    for _ in range(2):
        retired = await client.do("retireServiceQuestion", retire, QUESTION)
        assert not retired["question"]["active"]
    assert await client.refusal_codes("orderServiceQuestions", order) == ["INVALID_INPUT"]
    assert len((await api.ask(ASKED, id=gid(clinic.visit)))["service"]["intakeQuestions"]) == 1
    assert len((await client.ask(ASKED, id=gid(clinic.visit)))["service"]["intakeQuestions"]) == 2
    restored = await client.do("restoreServiceQuestion", retire, QUESTION)
    assert restored["question"]["active"]


async def test_only_managers_of_the_vendor_write_questions(world: World, api: Client) -> None:
    clinic = await Clinic.open(world)
    row = await question(clinic)
    id = {"questionId": gid(row)}
    inputs = [
        ("createServiceQuestion", asked(clinic, QuestionKind.TEXT)),
        ("updateServiceQuestion", id | {"required": True}),
        ("retireServiceQuestion", id),
        ("restoreServiceQuestion", id),
        ("orderServiceQuestions", {"serviceId": gid(clinic.visit), "questionIds": [gid(row)]}),
    ]
    other = await new_member(world, await world.vendor(), MemberRole.OWNER)
    others = [await clinic.member(MemberRole.STAFF), clinic.customer, other, await world.admin()]
    for name, input in inputs:
        assert await api.mutation_failed(name, input) == ["UNAUTHENTICATED"]
        for user in others:
            assert await api.signed_in(user).refusal_codes(name, input) == ["NOT_FOUND"]


async def test_a_service_has_a_limit_of_questions(world: World, api: Client) -> None:
    clinic = await Clinic.open(world)
    client, input = api.signed_in(clinic.owner), asked(clinic, QuestionKind.TEXT)
    rows = [
        ServiceQuestion(
            service_id=clinic.visit.id, locale="en", kind=QuestionKind.TEXT, prompt={"en": "?"}
        )
        for _ in range(MAX_KEPT_SERVICE_QUESTIONS)
    ]
    for row in rows[MAX_SERVICE_QUESTIONS:]:
        row.active = False
    await world.save(*rows[: MAX_SERVICE_QUESTIONS + 1])
    limit = ["SERVICE_QUESTION_LIMIT_REACHED"]
    assert await client.refusal_codes("createServiceQuestion", input) == limit
    last = {"questionId": gid(rows[MAX_SERVICE_QUESTIONS])}
    assert await client.refusal_codes("restoreServiceQuestion", last) == limit
    await world.save(*rows[MAX_SERVICE_QUESTIONS + 1 :])
    retire = {"questionId": gid(rows[0])}
    assert await client.refusal_codes("retireServiceQuestion", retire) == []
    assert await client.refusal_codes("createServiceQuestion", input) == limit


@pytest.mark.parametrize("field", NULLS["UpdateServiceQuestionInput"])
async def test_update_service_question_with_null(world: World, api: Client, field: str) -> None:
    clinic = await Clinic.open(world)
    choices = [{"key": "dogs", "name": {"en": "Dogs"}}]
    row = await question(clinic, kind=QuestionKind.CHOICE, choices=choices, required=True)
    given, client = {"questionId": gid(row), field: None}, api.signed_in(clinic.owner)
    await ensure_reset(world, client, "updateServiceQuestion", given, row, clinic.vendor)


async def test_a_booking_needs_the_required_answers(world: World, api: Client) -> None:
    clinic = await Clinic.open(world)
    client = api.signed_in(clinic.customer)
    await question(clinic)
    await question(clinic, active=False, required=True)
    needed = await question(clinic, prompt={"en": "Age?"}, kind=QuestionKind.NUMBER, required=True)
    booking = await clinic.booking(state=BookingState.HELD)
    confirm = {"bookingId": gid(booking)}
    assert await client.refusal_codes("confirmBooking", confirm) == ["BOOKING_ANSWERS_MISSING"]
    given = answers(booking, (needed, {"number": 34}))
    shown = (await client.do("answerBookingQuestions", given, ANSWERS))["booking"]
    assert [one["shown"] for one in shown["intakeAnswers"]] == ["34"]
    assert len(shown["intakeQuestions"]) == 2
    none = answers(booking, (needed, None))
    assert await client.refusal_codes("answerBookingQuestions", none) == ["INVALID_INPUT"]
    assert await client.refusal_codes("confirmBooking", confirm) == []


async def test_answers_are_set_changed_and_removed(world: World, api: Client) -> None:
    clinic = await Clinic.open(world)
    client = api.signed_in(clinic.customer)
    kinds: dict[QuestionKind, dict[str, Any]] = {
        QuestionKind.TEXT: {"text": "Dogs"},
        QuestionKind.NUMBER: {"number": 1.5},
        QuestionKind.DATE: {"day": "2020-02-29"},
        QuestionKind.YES_NO: {"yes": False},
        QuestionKind.CHOICES: {"choices": ["none"]},
    }
    choices = [{"key": "none", "name": {"en": "None"}}]
    rows = {
        kind: await question(clinic, kind=kind, choices=choices if kind.has_choices else [])
        for kind in kinds
    }
    booking = await clinic.booking()
    given = answers(booking, *((rows[kind], value) for kind, value in kinds.items()))
    shown = (await client.do("answerBookingQuestions", given, ANSWERS))["booking"]["intakeAnswers"]
    assert [one["shown"] for one in shown] == ["Dogs", "1.5", "2020-02-29", "no", "None"]
    text = rows[QuestionKind.TEXT]
    changed = answers(booking, (text, {"text": "Cats"}), (rows[QuestionKind.DATE], None))
    staff = api.signed_in(await clinic.member(MemberRole.STAFF))
    shown = (await staff.do("answerBookingQuestions", changed, ANSWERS))["booking"]["intakeAnswers"]
    assert [one["shown"] for one in shown] == ["Cats", "1.5", "no", "None"]
    wrong = [
        answers(booking, (text, {"number": 3})),
        answers(booking, (rows[QuestionKind.CHOICES], {"choices": ["lions"]})),
        answers(booking, (text, {"text": "a"}), (text, {"text": "b"})),
        answers(booking),
    ]
    for input in wrong:
        assert await client.refusal_codes("answerBookingQuestions", input) == ["INVALID_INPUT"]
    other = await Clinic.open(world)
    foreign = answers(booking, (await question(other), {"text": "a"}))
    assert await client.refusal_codes("answerBookingQuestions", foreign) == ["NOT_FOUND"]
    stored = await world.first(BookingAnswer)
    assert b"Cats" not in stored.answer


@pytest.mark.parametrize(
    "values",
    [
        {"state": BookingState.CANCELLED},
        {"state": BookingState.COMPLETED},
        {"state": BookingState.HELD, "expires_at": now() - timedelta(seconds=1)},
    ],
)
async def test_a_booking_that_is_over_takes_no_more(
    world: World, api: Client, values: dict[str, Any]
) -> None:
    clinic = await Clinic.open(world)
    row = await question(clinic)
    booking = await clinic.booking(**values)
    client = api.signed_in(clinic.customer)
    given = answers(booking, (row, {"text": "Dogs"}))
    upload = await world.upload(clinic.customer)
    inputs = [
        ("answerBookingQuestions", given),
        ("setBookingNote", {"bookingId": gid(booking), "note": "Late."}),
        ("attachBookingFile", {"bookingId": gid(booking), "uploadId": gid(upload)}),
        ("detachBookingFile", {"bookingId": gid(booking), "uploadId": gid(upload)}),
    ]
    for name, input in inputs:
        assert await client.refusal_codes(name, input) == ["BOOKING_INTAKE_CLOSED"]


async def test_others_neither_answer_nor_read_answers(world: World, api: Client) -> None:
    clinic = await Clinic.open(world)
    row = await question(clinic)
    booking = await clinic.booking()
    given = answers(booking, (row, {"text": "Dogs"}))
    name = "answerBookingQuestions"
    assert await api.mutation_failed(name, given) == ["UNAUTHENTICATED"]
    other = await new_member(world, await world.vendor(), MemberRole.OWNER)
    scanner = await clinic.member(MemberRole.SCANNER)
    read = "query ($id: ID!) { booking(id: $id) { intakeAnswers { shown } attachments { id } } }"
    for user in (other, scanner, await world.user()):
        client = api.signed_in(user)
        assert await client.refusal_codes(name, given) == ["NOT_FOUND"]
        assert (await client.ask(read, id=gid(booking)))["booking"] is None
    assert await api.signed_in(await world.admin()).refusal_codes(name, given) == ["NOT_FOUND"]
