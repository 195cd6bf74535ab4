"""Failed deliveries, and the admins who handle them."""

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import text

from core.clock import now
from models.identity.accounts import User
from models.notifications.deliveries import (
    MAX_DELIVERY_ATTEMPTS,
    Delivery,
    DeliveryState,
    SkipReason,
)
from models.notifications.inbox import Channel
from services import jobs
from tests.client import Client, gid, unknown
from tests.factories.world import World
from tests.resolvers.paging import CONNECTION, walk

PAGE = f"""query ($first: Int, $after: String, $last: Int, $before: String) {{
  deadLetters(first: $first, after: $after, last: $last, before: $before) {{ {CONNECTION} }}
}}"""
LOOK = """{ deadLetters { nodes {
  channel state skipReason attempts error completedAt providerId notification { kind }
} } }"""
DELIVERY = "delivery { id state skipReason attempts }"
JOBS = "{ deadJobs { number task attempts givenUpAt } }"
VERBS = ["retryDeadLetter", "dropDeadLetter"]


async def dead(world: World, user: User, **values: Any) -> Delivery:
    given: dict[str, Any] = {
        "channel": Channel.MAIL,
        "state": DeliveryState.FAILED,
        "attempts": MAX_DELIVERY_ATTEMPTS,
        "completed_at": now(),
        "error": "SMTPConnectError",
    } | values
    letter = Delivery(notification_id=(await world.notification(user)).id, **given)
    await world.save(letter)
    return letter


async def deferred(world: World) -> list[str]:
    async with world.database.session() as session:
        found = await session.execute(text("SELECT args->>'delivery_id' FROM procrastinate_jobs"))
        return [str(id) for id in found.scalars()]


async def test_dead_letters_have_the_error(world: World, api: Client) -> None:
    user = await world.user()
    letter = await dead(world, user)
    await dead(world, user, state=DeliveryState.WAITING, completed_at=None, attempts=3)
    await dead(world, user, state=DeliveryState.SENT)
    (node,) = (await api.signed_in(await world.admin()).ask(LOOK))["deadLetters"]["nodes"]
    assert letter.completed_at
    assert node == {
        "channel": "MAIL",
        "state": "FAILED",
        "skipReason": None,
        "attempts": MAX_DELIVERY_ATTEMPTS,
        "error": "SMTPConnectError",
        "completedAt": letter.completed_at.isoformat().replace("+00:00", "Z"),
        "providerId": None,
        "notification": {"kind": "VOUCHER_REDEEMED"},
    }


async def test_dead_letters_in_pages_both_ways(world: World, api: Client) -> None:
    user = await world.user()
    ages = [now() - timedelta(hours=age) for age in range(7)]
    ids = [gid(await dead(world, user, completed_at=age)) for age in ages]
    admin = api.signed_in(await world.admin())
    assert await walk(admin, PAGE, "deadLetters", first=3) == ids
    assert await walk(admin, PAGE, "deadLetters", last=3) == ids


async def test_dead_letters_are_for_admins(world: World, api: Client) -> None:
    owner = await world.user()
    await world.vendor(owner)
    await dead(world, owner)
    assert await api.signed_in(owner).failed(LOOK) == ["FORBIDDEN"]
    assert await api.failed(LOOK) == ["UNAUTHENTICATED"]


async def test_retry_dead_letter_puts_it_on_its_way_once(world: World, api: Client) -> None:
    letter = await dead(world, await world.user())
    admin, given = api.signed_in(await world.admin()), {"deliveryId": gid(letter)}
    done = await admin.do("retryDeadLetter", given, DELIVERY)
    assert done["delivery"] == {
        "id": gid(letter),
        "state": "WAITING",
        "skipReason": None,
        "attempts": 0,
    }
    assert await admin.refusal_codes("retryDeadLetter", given) == ["NOT_FOUND"]
    assert await deferred(world) == [str(letter.id)]


async def test_drop_dead_letter_cancels_the_delivery(world: World, api: Client) -> None:
    letter = await dead(world, await world.user())
    admin, given = api.signed_in(await world.admin()), {"deliveryId": gid(letter)}
    done = await admin.do("dropDeadLetter", given, DELIVERY)
    assert (done["delivery"]["state"], done["delivery"]["skipReason"]) == ("SKIPPED", "DROPPED")
    assert (await world.fresh(letter)).skip_reason is SkipReason.DROPPED
    for verb in VERBS:
        assert await admin.refusal_codes(verb, given) == ["NOT_FOUND"]
    assert await deferred(world) == []


async def test_dead_jobs_are_of_any_kind_and_for_admins(world: World, api: Client) -> None:
    async with world.database.session() as session, session.begin():
        for task in ("expire_offer", "plan_deliveries"):
            await jobs.defer(session, task, id="none")
        await session.execute(text("UPDATE procrastinate_jobs SET status = 'doing'"))
        await session.execute(
            text("UPDATE procrastinate_jobs SET status = 'failed' WHERE task_name ~ 'plan'")
        )
    admin = api.signed_in(await world.admin())
    (job,) = (await admin.ask(JOBS))["deadJobs"]
    assert (job["task"], job["attempts"]) == ("plan_deliveries", 0)
    assert job["givenUpAt"]
    assert await admin.ask("{ deadJobs(first: 0) { task } }") == {"deadJobs": []}
    assert await admin.failed("{ deadJobs(first: 101) { task } }") == ["BAD_USER_INPUT"]
    assert await api.signed_in(await world.user()).failed(JOBS) == ["FORBIDDEN"]
    assert await api.failed(JOBS) == ["UNAUTHENTICATED"]


@pytest.mark.parametrize("verb", VERBS)
async def test_dead_letter_as_non_admin(world: World, api: Client, verb: str) -> None:
    """It may well be their own."""
    user = await world.user()
    letter = await dead(world, user)
    client = api.signed_in(user)
    for id in (gid(letter), unknown("Delivery")):
        assert await client.mutation_failed(verb, {"deliveryId": id}) == ["FORBIDDEN"]
    assert await api.mutation_failed(verb, {"deliveryId": gid(letter)}) == ["UNAUTHENTICATED"]
    assert (await world.fresh(letter)).state is DeliveryState.FAILED


@pytest.mark.parametrize("verb", VERBS)
@pytest.mark.parametrize("state", [DeliveryState.WAITING, DeliveryState.SENT])
async def test_dead_letter_with_an_unknown_id(
    world: World, api: Client, verb: str, state: DeliveryState
) -> None:
    completed_at = None if state is DeliveryState.WAITING else now()
    letter = await dead(world, await world.user(), state=state, completed_at=completed_at)
    admin = api.signed_in(await world.admin())
    for id in (gid(letter), unknown("Delivery")):
        assert await admin.refusal_codes(verb, {"deliveryId": id}) == ["NOT_FOUND"]
