"""Two processes receive the same scans concurrently: a scanner has repeated a call too early."""

from typing import Any

import pytest
from sqlalchemy import bindparam
from sqlmodel import col, select

from core.database import Database
from core.statements.selected import columns_of
from core.statements.statement import Statement
from models.events.check_in.scanners import Scanner
from services.events.check_in import scanner_use
from services.redemptions import syncing
from services.redemptions.scanned import find_rotation
from tests.client import Client
from tests.factories.redemptions import Till
from tests.factories.world import World
from tests.invariants import check_invariants
from tests.races.conftest import Drop
from tests.races.crowd import at_once
from tests.races.meeting import Meeting
from tests.resolvers.redemptions.offline import SYNCED, Gadget

UNLOCKED = Statement(
    select(*columns_of(Scanner)).where(
        col(Scanner.key_hash) == bindparam("key_hash"),
        col(Scanner.vendor_id) == bindparam("vendor_id"),
    ),
    Scanner,
)


async def sync_at_once(gadget: Gadget, clients: list[Client], *scans: dict[str, Any]) -> list[Any]:
    input = gadget.input(scans)
    members = [client.signed_in(gadget.till.scanner) for client in clients]
    calls = (member.do("syncRedemptions", input, SYNCED) for member in members)
    answers: list[Any] = await at_once(calls)
    assert [one["errors"] for one in answers] == [[]] * len(clients)
    return [one["redemptions"] for one in answers]


async def test_scans_that_are_sent_twice_at_once_are_stored_once(
    world: World, api: Client, servers: list[Client], database: Database
) -> None:
    gadget = await Gadget.register(await Till.open(world, per_user_limit=20), api)
    for number in range(5):
        vouchers = [await gadget.till.claim(api) for _ in range(3)]
        stamp = gadget.stamp(hours=1 + number, limit=2)
        scans = [gadget.scan(voucher, bundle=stamp) for voucher in vouchers]
        first, *others = await sync_at_once(gadget, [*servers, *servers], *scans)
        assert others == [first] * 3
        assert {one["outcome"] for one in first} == {"APPROVED"}
        assert [one["offlineBreach"] for one in first] == [None, None, "OFFLINE_LIMIT"]
        assert len(await gadget.till.attempts()) == 3 * (number + 1)
    await check_invariants(database)


async def test_without_the_lock_of_the_scanner_they_are_stored_twice(
    drop: Drop, world: World, api: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The control: both have looked for the scans before either has stored them."""
    gadget = await Gadget.register(await Till.open(world, per_user_limit=20), api)
    scan = gadget.scan(await gadget.till.claim(api))
    monkeypatch.setattr(scanner_use, "SCANNER", UNLOCKED)
    meeting = Meeting().after(find_rotation)
    monkeypatch.setattr(syncing, "find_rotation", meeting)
    await drop("redemption_scan_id_key")
    await sync_at_once(gadget, [api, api], scan)
    assert len(await gadget.till.attempts()) == 2
