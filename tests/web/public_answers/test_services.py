"""Answers about services, staff and slots: kept for visitors, and dropped by what they show."""

import asyncio
from collections.abc import Iterator
from datetime import timedelta
from time import monotonic
from typing import Any

import pytest
from redis.asyncio import Redis

from core.settings import Settings
from models.bookings.intake import ServiceQuestion
from models.bookings.setting_up.services import StaffChoice
from models.questions import QuestionKind
from tests.apps import endpoint_of
from tests.client import Client, gid
from tests.factories.world import World
from tests.resolvers.bookings.clinic import Clinic
from tests.resolvers.bookings.inputs import hold_input, keyed
from tests.web.public_answers.conftest import Results, named

SHOWN = """service(id: $id) { state name duration price { amountMinor } vendor { website }
    needs { kind count } policy { name refundTiers { refundBps } } intakeQuestions { prompt }
    providers { resource { name state } duration price { amountMinor } } }
  services(vendorId: $vendor) { nodes { name } totalCount }
  staff(vendorId: $vendor, serviceId: $id) { nodes { name position } }"""
SLOTS = """slots(serviceId: $id, startsFrom: $from, startsBefore: $until) { cursor
  slots { startsAt left price { amountMinor } staff { name } } }"""
DAYS = """availability(serviceId: $id, fromDay: $day, untilDay: $day) { cursor
  days { day slots firstStartsAt } }"""
ROW = """consecutiveSlots(serviceIds: [$id, $other], startsFrom: $from, startsBefore: $until) {
  startsAt slots { startsAt } }"""
PATIENCE = 20  # seconds. Without a signal, an answer of these tests is kept for a minute.


def text(value: str) -> list[dict[str, str]]:
    return [{"locale": "en", "text": value}]


def money(amount: int) -> dict[str, Any]:
    return {"amountMinor": amount, "currency": "INR"}


def changes_of_service(
    clinic: Clinic, policy: Any, questions: list[Any]
) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield changes that visitors see, by the owner of the clinic."""
    service = {"vendorId": gid(clinic.vendor), "serviceId": gid(clinic.visit)}
    yield "saveService", service | keyed() | {"name": text("Check-up")}
    yield "saveService", service | keyed() | {"price": money(900_00)}
    yield "saveService", service | keyed() | {"needs": [{"kind": "STAFF"}]}
    own = {"resourceId": gid(clinic.asha), "price": money(700_00), "duration": 20}
    yield "saveService", service | keyed() | {"providers": [own]}
    yield "saveService", service | keyed() | {"policyId": gid(policy)}
    terms = {"vendorId": gid(clinic.vendor), "policyId": gid(policy), **keyed()}
    tiers = [{"minutesBefore": 60, "refundBps": 5_000}]
    yield "saveCancellationPolicy", terms | {"refundTiers": tiers}
    asked = {"serviceId": gid(clinic.visit), "kind": "TEXT", "prompt": text("Allergies?")}
    yield "createServiceQuestion", asked | keyed()
    first = {"questionId": gid(questions[0])}
    yield "updateServiceQuestion", first | {"prompt": text("Fears?")}
    yield "retireServiceQuestion", first
    yield "restoreServiceQuestion", first


def changes_of_staff(clinic: Clinic) -> Iterator[tuple[str, dict[str, Any]]]:
    vendor = {"vendorId": gid(clinic.vendor)}
    ravi = {"resourceId": gid(clinic.ravi)}
    service_ids = [gid(clinic.visit)]
    yield "saveResource", vendor | ravi | keyed() | {"serviceIds": service_ids}
    yield "saveResource", vendor | ravi | keyed() | {"name": "Ravindra"}
    yield "saveResource", vendor | ravi | keyed() | {"position": 7}
    yield "retireResource", ravi
    yield "restoreResource", ravi
    yield (
        "saveResource",
        vendor
        | keyed()
        | {
            "kind": "STAFF",
            "name": "Mira",
            "serviceIds": service_ids,
        },
    )
    yield "updateVendor", vendor | {"website": "https://clinic.example"}


def changes_of_state(clinic: Clinic) -> Iterator[tuple[str, dict[str, Any]]]:
    service = {"serviceId": gid(clinic.visit)}
    for name in ("pauseService", "archiveService", "pauseService", "publishService"):
        yield name, service


async def test_each_change_that_visitors_see_drops_the_answers_of_all_processes(
    world: World, visitor: Client, elsewhere: Client, results: Results
) -> None:
    clinic = await Clinic.open(world)
    policy = await world.cancellation_policy(clinic.vendor)
    questions = [
        ServiceQuestion(
            service_id=clinic.visit.id, locale="en", kind=QuestionKind.TEXT, prompt={"en": "?"}
        )
    ]
    await world.save(*questions)
    owner, admin = visitor.signed_in(clinic.owner), visitor.signed_in(await world.admin())
    follow = Follower(clinic, (visitor, elsewhere), results)
    for name, input in (
        *changes_of_service(clinic, policy, questions),
        *changes_of_staff(clinic),
        *changes_of_state(clinic),
    ):
        await follow.sees(owner, name, input)
    vendor = {"vendorId": gid(clinic.vendor)}
    await follow.sees(admin, "suspendVendor", vendor | {"reason": "Complaints."})
    await follow.sees(admin, "restoreVendor", vendor)


class Follower:
    """Visitors of two processes who have the answer kept before each change."""

    def __init__(self, clinic: Clinic, clients: tuple[Client, ...], results: Results) -> None:
        self._query = named(SHOWN, "($id: ID!, $vendor: ID!)")
        self._values = {"id": gid(clinic.visit), "vendor": gid(clinic.vendor)}
        self._clients, self._results = clients, results

    async def sees(self, member: Client, name: str, input: dict[str, Any]) -> None:
        """Send a mutation, and wait for another answer in all processes."""
        for client in self._clients:
            for _ in range(3):
                before = await self._ask(client)
        self._results.take()
        for client in self._clients:
            assert await self._ask(client) == before
        assert self._results.take() == {"hit": len(self._clients)}, "it was kept"
        assert await member.refusal_codes(name, input) == [], name
        for client in self._clients:
            async with asyncio.timeout(PATIENCE):
                while await self._ask(client) == before:
                    pass  # until the signal has arrived, which is sent after the response

    async def _ask(self, client: Client) -> Any:
        return await client.ask(self._query, **self._values)


async def test_changes_of_other_catalogues_leave_the_answers(
    world: World, visitor: Client, results: Results
) -> None:
    clinic = await Clinic.open(world)
    offer = await world.offer(clinic.vendor)
    query = named(SHOWN, "($id: ID!, $vendor: ID!)")
    values = {"id": gid(clinic.visit), "vendor": gid(clinic.vendor)}
    for _ in range(4):
        await visitor.ask(query, **values)
    change = {"offerId": gid(offer), "title": text("Another title")}
    assert await visitor.signed_in(clinic.owner).refusal_codes("updateOffer", change) == []
    results.take()
    await visitor.ask(query, **values)
    assert results.take() == {"hit": 1}


@pytest.mark.parametrize("selection", [SLOTS, DAYS, ROW], ids=["slots", "days", "in a row"])
async def test_slots_are_kept_for_a_second(
    world: World, visitor: Client, keeping: Any, selection: str
) -> None:
    clinic = await Clinic.open(world)
    values = {name: value for name, value in of_slots(clinic).items() if f"${name}" in selection}
    types = {"id": "ID!", "other": "ID!", "from": "DateTime!", "until": "DateTime!", "day": "Date!"}
    query = named(selection, f"({', '.join(f'${name}: {types[name]}' for name in values)})")
    endpoint = endpoint_of(keeping)
    await visitor.ask(query, **values)
    parsed: Any = endpoint.app.document_cache.find_valid(query)
    schema: Any = endpoint.schema
    operation = parsed.public(
        schema._schema, parsed.document.definitions[0], endpoint.app.public_answers.seconds
    )
    assert operation.query(values, []).seconds == 1


def of_slots(clinic: Clinic) -> dict[str, str]:
    first = clinic.at(0)
    return {
        "id": gid(clinic.visit),
        "other": gid(clinic.yoga),
        "from": first.isoformat(),
        "until": (first + timedelta(days=1)).isoformat(),
        "day": str(clinic.day()),
    }


@pytest.mark.parametrize("choice", list(StaffChoice))
async def test_customers_see_their_hold_at_once_and_visitors_within_a_second(
    world: World,
    visitor: Client,
    results: Results,
    settings: Settings,
    monkeypatch: pytest.MonkeyPatch,
    choice: StaffChoice,
) -> None:
    clinic = await Clinic.open(world, staff_choice=choice)
    customer = visitor.signed_in(clinic.customer)
    query = named(SLOTS, "($id: ID!, $from: DateTime!, $until: DateTime!)")
    values = {name: of_slots(clinic)[name] for name in ("id", "from", "until")}
    stopped = monotonic()
    monkeypatch.setattr("core.answers.memory.monotonic", lambda: stopped)
    for _ in range(4):
        before = (await visitor.ask(query, **values))["slots"]
    assert results.take()["hit"] > 0
    assert before["cursor"] is None
    assert bool(before["slots"][0]["staff"]) is (choice is not StaffChoice.HIDDEN)
    hold = hold_input(clinic.visit, clinic.at(10))
    assert await customer.refusal_codes("holdBooking", hold) == []
    results.take()
    mine = (await customer.ask(query, **values))["slots"]
    assert results.take() == {}, "a signed-in caller gets no kept answer"
    assert mine["cursor"] is not None
    assert mine["slots"] != before["slots"]
    await forget(settings, monkeypatch)
    after = (await visitor.ask(query, **values))["slots"]
    assert after["slots"] == mine["slots"]


async def forget(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let a second pass for the process, and for Redis, which must have an end for each key."""
    late = monotonic() + 1
    monkeypatch.setattr("core.answers.memory.monotonic", lambda: late)
    redis = Redis.from_url(settings.redis)
    async for key in redis.scan_iter("haat:answer:*"):
        if b":version:" not in key and await redis.pttl(key) <= 1_000:
            await redis.delete(key)
    await redis.aclose()
