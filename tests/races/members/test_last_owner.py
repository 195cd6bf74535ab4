"""Two owners who remove each other, and a link that is used twice, at the same moment."""

import asyncio
from collections import Counter
from collections.abc import Callable

import pytest
from sqlalchemy import Select
from sqlmodel import func, select

from models.identity.accounts import User
from models.vendors import MemberRole, VendorMember
from services.members import membership, owners
from services.vendors import access
from tests.client import Client, gid
from tests.factories.emails import email_of
from tests.factories.members import invitation
from tests.factories.world import World
from tests.invariants import check_invariants
from tests.races.crowd import at_once, tally
from tests.races.meeting import Meeting

ROUNDS = 8


async def owners_left(world: World, clients: list[Client], round: int) -> int:
    """Have the two owners of a vendor act at once, and return how many are left."""
    first, second = await world.user(), await world.user()
    vendor = await world.vendor()
    rows = [await world.member(vendor, one, MemberRole.OWNER) for one in (first, second)]
    other = dict(zip((first.id, second.id), reversed(rows), strict=True))
    acts: tuple[tuple[str, Callable[[User], dict[str, str]]], ...] = (
        ("leaveVendor", lambda _: {"vendorId": gid(vendor)}),
        ("removeMember", lambda one: {"memberId": gid(other[one.id], "Member")}),
        (
            "changeMemberRole",
            lambda one: {"memberId": gid(other[one.id], "Member"), "role": "STAFF"},
        ),
    )
    name, given = acts[round % len(acts)]
    await at_once(
        client.signed_in(one).do(name, given(one))
        for client, one in zip(clients, (first, second), strict=False)
    )
    owners = select(func.count()).where(
        VendorMember.vendor_id == vendor.id, VendorMember.role == MemberRole.OWNER
    )
    async with world.database.session() as session:
        return (await session.exec(owners)).one()


async def test_one_of_two_owners_stays(world: World, clients: list[Client]) -> None:
    assert [await owners_left(world, clients, number) for number in range(ROUNDS)] == [1] * ROUNDS
    await check_invariants(world.database)


@pytest.mark.parametrize("round", range(3))
async def test_without_the_lock_none_stays(
    world: World, api: Client, monkeypatch: pytest.MonkeyPatch, round: int
) -> None:
    def unlocked(rows: Select[tuple[object]]) -> Select[tuple[object]]:
        return rows

    monkeypatch.setattr(access, "for_change", unlocked)
    looked = Meeting().after(owners.has_other_owner)
    monkeypatch.setattr(membership, "has_other_owner", looked)
    assert await owners_left(world, [api, api], round) == 0


async def accept_twice(world: World, clients: list[Client]) -> Counter[str]:
    owner, person = await world.user(), await world.user()
    one = await invitation(
        world, await world.vendor(owner), owner, email_of(person), MemberRole.STAFF
    )
    return tally(
        await at_once(
            client.signed_in(person).do("acceptInvitation", one.input) for client in clients[:2]
        )
    )


async def test_a_link_is_used_once(world: World, clients: list[Client]) -> None:
    for _ in range(3):
        assert await accept_twice(world, clients) == {"OK": 1, "INVITATION_ENDED": 1}


async def test_an_invitation_that_is_revoked_meanwhile_is_not_accepted(
    world: World, clients: list[Client]
) -> None:
    """Either the person is a member, or the invitation was revoked, and never both."""
    for _ in range(3):
        owner, person = await world.user(), await world.user()
        vendor = await world.vendor(owner)
        one = await invitation(world, vendor, owner, email_of(person), MemberRole.STAFF)
        revoke = clients[0].signed_in(owner).do("revokeInvitation", {"invitationId": gid(one.row)})
        accept = clients[1].signed_in(person).do("acceptInvitation", one.input)
        revoked, accepted = await asyncio.gather(revoke, accept)
        assert (revoked["errors"] == []) is not (accepted["errors"] == [])
