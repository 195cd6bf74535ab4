"""Vendors that choose the same slug at the same time: one of them gets it."""

import asyncio
from collections import Counter
from collections.abc import Sequence

import pytest
from sqlalchemy.dialects.postgresql import insert
from sqlmodel import select
from sqlmodel.ext.asyncio.session import AsyncSession

from models.vendors import Vendor
from models.vendors.slugs import SlugTaken, VendorSlug
from services.vendors import profiles
from tests.client import Client, gid
from tests.factories.world import World
from tests.races.crowd import tally
from tests.races.meeting import Meeting

VENDORS = 12


async def choose_at_once(world: World, clients: Sequence[Client]) -> Counter[str]:
    calls = []
    for number in range(VENDORS):
        owner = await world.user()
        client = clients[number % len(clients)].signed_in(owner)
        given = {"vendorId": gid(await world.vendor(owner)), "slug": "corner-cafe"}
        calls.append(client.do("updateVendor", given))
    return tally(await asyncio.gather(*calls))


async def test_one_vendor_gets_a_slug(world: World, clients: Sequence[Client]) -> None:
    answers = await choose_at_once(world, clients)
    assert answers == {"OK": 1, "SLUG_TAKEN": VENDORS - 1}


async def test_without_the_guard_several_vendors_believe_they_have_it(
    world: World, api: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    meeting = Meeting()

    async def check_then_insert(session: AsyncSession, vendor: Vendor, slug: str) -> None:
        if (await session.exec(select(VendorSlug).where(VendorSlug.slug == slug))).first():
            raise SlugTaken(slug=slug)
        row = VendorSlug(slug=slug, vendor_id=vendor.id).model_dump()
        await meeting.arrive()
        await session.exec(insert(VendorSlug).values(row).on_conflict_do_nothing())

    monkeypatch.setattr(profiles, "change_slug", check_then_insert)
    answers = await choose_at_once(world, [api])
    assert answers["OK"] > 1
