"""One debt with two proposals to write it off, which are approved at once."""

import asyncio
from collections import Counter

import pytest
from sqlmodel import select

from models.notifications.inbox import Notification, NotificationKind
from models.vendors import Vendor
from services.ledger import adjustments
from services.payouts.balances import read_available
from tests.client import Client, gid
from tests.factories.world import World
from tests.races.meeting import Meeting

DEBT = 80_00


async def propose(world: World, api: Client, amount: int = DEBT) -> tuple[Vendor, list[str]]:
    """Return a vendor with a debt, and the ids of two proposals to write an amount of it off."""
    vendor = await world.vendor(await world.user())
    await world.earned(vendor, -DEBT)
    admin = api.signed_in(await world.admin())
    found = []
    for key in ("one", "two"):
        given = {
            "vendorId": gid(vendor),
            "amountMinor": amount,
            "currency": vendor.currency,
            "reason": "It has closed",
            "idempotencyKey": key,
        }
        payload = await admin.do("writeOffVendorDebt", given, "adjustment { id }")
        found.append(payload["adjustment"]["id"])
    return vendor, found


async def approve(world: World, api: Client, ids: list[str]) -> Counter[str]:
    admins = [api.signed_in(await world.admin()) for _ in ids]
    answers = await asyncio.gather(
        *(
            admin.refusal_codes("approveLedgerAdjustment", {"adjustmentId": id})
            for admin, id in zip(admins, ids, strict=True)
        )
    )
    return Counter(str(one) for one in answers)


async def test_a_debt_is_written_off_once(world: World, api: Client) -> None:
    vendor, ids = await propose(world, api)
    assert await approve(world, api, ids) == {"[]": 1, "['DEBT_TOO_SMALL']": 1}
    assert await world.available(vendor) == 0


async def test_two_parts_of_a_debt_are_written_off(world: World, api: Client) -> None:
    """At the same second, with a notice for each."""
    vendor, ids = await propose(world, api, DEBT // 2)
    assert await approve(world, api, ids) == {"[]": 2}
    assert await world.available(vendor) == 0
    rows = select(Notification).where(Notification.kind == NotificationKind.DEBT_WRITTEN_OFF)
    async with world.database.session() as session:
        assert len((await session.exec(rows)).all()) == 2


async def test_without_the_lock_the_vendor_gets_money(
    world: World, api: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def unheard(*_: object) -> None:
        """Both would be its first notice."""

    monkeypatch.setattr(adjustments, "lock_available", Meeting().after(read_available))
    monkeypatch.setattr(adjustments, "_notify_debtor", unheard)
    vendor, ids = await propose(world, api)
    assert await approve(world, api, ids) == {"[]": 2}
    assert await world.available(vendor) == DEBT
