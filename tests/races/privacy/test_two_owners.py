"""Two owners of a vendor who delete their accounts, or leave, at the same moment."""

from typing import Any

import pytest
from sqlalchemy import Select

from models.vendors import MemberRole
from services.members import owners
from services.privacy import hindrances
from tests.client import Client, gid
from tests.factories.world import World
from tests.races.crowd import at_once, tally
from tests.races.meeting import Meeting

ROUNDS = 6
BOTH = 2


async def accepted(world: World, clients: list[Client], *, leaves: bool) -> int:
    """Have two owners act at once, and return how many succeed."""
    first, second = await world.user(), await world.user()
    vendor = await world.vendor(first)
    await world.member(vendor, second, MemberRole.OWNER)
    acts: list[tuple[str, dict[str, Any]]] = [("deleteMyAccount", {"confirm": True})] * BOTH
    if leaves:
        acts[1] = ("leaveVendor", {"vendorId": gid(vendor)})
    answers = await at_once(
        client.signed_in(one).do(*act)
        for client, one, act in zip(clients, (first, second), acts, strict=False)
    )
    return tally(answers)["OK"]


@pytest.mark.parametrize("leaves", [False, True])
async def test_an_owner_stays(world: World, clients: list[Client], leaves: bool) -> None:
    found = [await accepted(world, clients, leaves=leaves) for _ in range(ROUNDS)]
    assert found == [1] * ROUNDS


async def test_without_the_lock_none_stays(
    world: World, api: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    def unlocked(rows: Select[tuple[object]], **_: object) -> Select[tuple[object]]:
        return rows

    monkeypatch.setattr(hindrances, "for_change", unlocked)
    looked = Meeting().after(owners.has_other_owner)
    monkeypatch.setattr(hindrances, "has_other_owner", looked)
    assert await accepted(world, [api, api], leaves=False) == BOTH
