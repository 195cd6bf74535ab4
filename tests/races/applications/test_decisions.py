"""Two admins decide on one application at once, and a user applies many times at once."""

from collections import Counter
from collections.abc import Coroutine
from typing import Any
from uuid import UUID

import pytest
from sqlmodel.ext.asyncio.session import AsyncSession

from core.database import Database
from models.applications import MAX_OPEN_APPLICATIONS, VendorApplication
from models.vendors import Vendor
from services.applications import applying, decisions
from tests.client import Client
from tests.factories.world import World
from tests.invariants import check_invariants
from tests.races.crowd import at_once, tally
from tests.races.meeting import Meeting, Overtaking
from tests.resolvers.applications.applying import Applicant, decision

ROUNDS = 10


async def decide_at_once(world: World, api: Client, clients: list[Client]) -> list[Counter[str]]:
    """Return, per round, the tally of an approval and a rejection, in both orders."""
    applicant = await Applicant.enter(world, api)
    admins = [client.signed_in(await world.admin()) for client in (clients[0], clients[1])]
    results = []
    for turn in range(ROUNDS):
        calls = await both_decisions(applicant, admins)
        results.append(tally(await at_once(reversed(calls) if turn % 2 else calls)))
    return results


async def both_decisions(
    applicant: Applicant, admins: list[Client]
) -> list[Coroutine[Any, Any, dict[str, Any]]]:
    """Return an approval and a rejection of a new application, by two admins."""
    user = await applicant.world.user()
    client = applicant.client.signed_in(user)
    another = Applicant(applicant.world, user, client, applicant.admin, applicant.category)
    application = await another.apply()
    names = ("approveVendor", "rejectVendor")
    return [
        admin.do(name, decision(name, application))
        for admin, name in zip(admins, names, strict=True)
    ]


async def test_one_of_two_decisions_is_valid(
    world: World, api: Client, clients: list[Client], database: Database
) -> None:
    results = await decide_at_once(world, api, clients)
    assert results == [{"OK": 1, "INVALID_APPLICATION_STATE": 1}] * ROUNDS
    await check_invariants(database)


async def unlocked(
    session: AsyncSession, application_id: UUID, *, user_id: UUID | None = None
) -> tuple[VendorApplication, Vendor]:
    found = await session.get_one(VendorApplication, application_id)
    return found, await session.get_one(Vendor, found.vendor_id)


async def test_both_decisions_are_valid_without_the_lock(
    world: World, api: Client, monkeypatch: pytest.MonkeyPatch, database: Database
) -> None:
    """At once, they would wait for each other in a circle: one locks the vendor first."""
    overtaking = Overtaking()
    monkeypatch.setattr(decisions, "lock_application", overtaking.after(unlocked))
    applicant = await Applicant.enter(world, api)
    admins = [api.signed_in(await world.admin()) for _ in range(2)]
    decided = await overtaking.run(*await both_decisions(applicant, admins))
    assert tally(decided) == {"OK": 2}
    with pytest.raises(AssertionError, match="other than one decision"):
        await check_invariants(database)


async def apply_at_once(world: World, api: Client, clients: list[Client]) -> Counter[str]:
    applicant = await Applicant.enter(world, api)
    inputs = [await applicant.given() for _ in range(2 * MAX_OPEN_APPLICATIONS)]
    own = [client.signed_in(applicant.user) for client in clients]
    return tally(
        await at_once(
            own[number % len(own)].do("applyAsVendor", given) for number, given in enumerate(inputs)
        )
    )


async def test_a_user_cannot_exceed_the_limit_at_once(
    world: World, api: Client, clients: list[Client], database: Database
) -> None:
    answers = await apply_at_once(world, api, clients)
    most = MAX_OPEN_APPLICATIONS
    assert answers == {"OK": most, "APPLICATION_LIMIT_REACHED": most}
    await check_invariants(database)


async def test_a_user_exceeds_the_limit_without_the_lock(
    world: World, api: Client, monkeypatch: pytest.MonkeyPatch, database: Database
) -> None:
    """One more is allowed, and two callers read that."""
    applicant = await Applicant.enter(world, api)
    for _ in range(MAX_OPEN_APPLICATIONS - 1):
        await applicant.apply()
    monkeypatch.setattr(applying, "for_change", lambda rows: rows)
    below = Meeting().after(applying._lock_below_limit)
    monkeypatch.setattr(applying, "_lock_below_limit", below)
    inputs = [await applicant.given() for _ in range(2)]
    answers = await at_once(applicant.client.do("applyAsVendor", given) for given in inputs)
    assert tally(answers) == {"OK": 2}
    with pytest.raises(AssertionError, match="too many open applications"):
        await check_invariants(database)
