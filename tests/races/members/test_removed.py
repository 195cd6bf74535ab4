"""A member acts while an owner removes them: what they do is done before, or refused."""

import asyncio
from typing import Any
from uuid import UUID

import pytest
from sqlmodel import select

from core.database import Database, for_change, for_reliance
from models.vendors import MemberRole, Vendor, VendorMember
from services.vendors import access
from tests.client import Client, gid
from tests.factories.vendors import new_member
from tests.factories.world import World
from tests.races.meeting import waits_or_ends

NAMES = ["pauseOffer", "redeemVoucher"]


async def act_during_removal(
    world: World, api: Client, database: Database, name: str, role: MemberRole | None = None
) -> list[str]:
    """Act while the removal, or the new role, of the member is not committed yet."""
    vendor = await world.vendor()
    member = await new_member(world, vendor, MemberRole.MANAGER)
    offer = await world.offer(vendor)
    given = {
        "pauseOffer": {"offerId": gid(offer)},
        "redeemVoucher": {"vendorId": gid(vendor), "code": "nobody's", "idempotencyKey": "scan"},
    }[name]
    async with database.session() as session, session.begin():
        await session.exec(for_change(select(Vendor).where(Vendor.id == vendor.id)))
        rows = select(VendorMember).where(VendorMember.user_id == member.id)
        found = (await session.exec(rows)).one()
        if role is None:
            await session.delete(found)
        else:
            found.role = role
        await session.flush()
        acting = asyncio.create_task(api.signed_in(member).refusal_codes(name, given))
        await waits_or_ends(database, acting)
    return await acting


@pytest.mark.parametrize("name", NAMES)
async def test_a_removed_member_changes_nothing_any_more(
    world: World, api: Client, database: Database, name: str
) -> None:
    assert await act_during_removal(world, api, database, name) == ["NOT_FOUND"]


async def test_a_member_with_a_lower_role_changes_nothing_any_more(
    world: World, api: Client, database: Database
) -> None:
    refused = await act_during_removal(world, api, database, NAMES[0], MemberRole.SCANNER)
    assert refused == ["NOT_FOUND"]


async def test_a_removed_member_acts_without_the_check_under_the_lock(
    world: World, api: Client, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    ensure, checked = access._ensure_permitted, set[UUID]()

    async def ensure_once(session: Any, viewer: Any, vendor_id: UUID, permission: Any) -> None:
        if vendor_id not in checked:
            await ensure(session, viewer, vendor_id, permission)
        checked.add(vendor_id)

    monkeypatch.setattr(access, "_ensure_permitted", ensure_once)
    assert await act_during_removal(world, api, database, NAMES[0]) == []


async def test_a_removed_member_redeems_without_the_lock_of_the_membership(
    world: World, api: Client, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(access, "for_reliance", lambda rows, of: for_reliance(rows, of=Vendor))
    access._relied_on_with.cache_clear()
    try:
        assert await act_during_removal(world, api, database, NAMES[1]) == []
    finally:
        access._relied_on_with.cache_clear()
