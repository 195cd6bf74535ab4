"""Two tills present one rotating code concurrently."""

from collections import Counter
from typing import Any
from uuid import UUID

import asyncpg
import pytest
from sqlalchemy import Integer, bindparam
from sqlmodel import col, update

from core.database import Database
from core.statements.statement import Statement
from models.redemptions import Voucher
from services.redemptions import redeem
from tests.client import Client
from tests.factories.redemptions import Till
from tests.factories.world import World
from tests.invariants import check_invariants
from tests.races.conftest import Drop
from tests.races.crowd import at_once
from tests.races.meeting import Meeting
from tests.resolvers.redemptions.test_rotating_codes import require, shown

ONCE = ("redemption_approved_key", "notification_user_id_kind_subject_id_up_to_sequence_key")
UNGUARDED = Statement(
    update(Voucher)
    .where(col(Voucher.id) == bindparam("id"))
    .values(last_step=bindparam("step", type_=Integer()))
    .returning(col(Voucher.id)),
    Voucher,
)


async def present_at_once(till: Till, clients: list[Client], max_uses: int = 1) -> Counter[str]:
    """Return the reasons of one code that is presented to each client."""
    token = shown(till, await till.voucher(max_uses=max_uses))
    answers: list[Any] = await at_once(till.redeem(client, token=token) for client in clients)
    return Counter(one["reason"] for one in answers)


async def read_unlocked(connection: asyncpg.Connection, voucher_id: UUID) -> Voucher:
    (voucher,) = await redeem.BY_ID.fetch(connection, id=voucher_id)
    return voucher


@pytest.mark.parametrize("max_uses", [1, 3])
async def test_one_code_redeems_once(
    world: World, servers: list[Client], database: Database, max_uses: int
) -> None:
    """Also one of a voucher that has uses left: they need later codes."""
    for _ in range(10):
        till = await Till.open(world, claimed=1)
        await require(till)
        found = await present_at_once(till, [*servers, *servers], max_uses)
        assert found == {"APPROVED": 1, "STEP_USED": len(servers) * 2 - 1}
    await check_invariants(database)


async def test_without_the_lock_the_guard_refuses_the_second(
    world: World, api: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    till = await Till.open(world, claimed=1)
    await require(till)
    monkeypatch.setattr(redeem, "_lock_voucher", Meeting().after(read_unlocked))
    assert await present_at_once(till, [api, api], 2) == {"APPROVED": 1, "STEP_USED": 1}


async def test_without_the_guard_one_code_redeems_twice(
    drop: Drop, world: World, api: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The control: both read the voucher before either has used the code.

    It has two uses. The guard of the uses would refuse the second one otherwise.
    """
    till = await Till.open(world, claimed=1)
    await require(till)
    monkeypatch.setattr(redeem, "_lock_voucher", Meeting().after(read_unlocked))
    monkeypatch.setattr(redeem, "USE_STEP", UNGUARDED)
    for name in ONCE:
        await drop(name)
    assert await present_at_once(till, [api, api], 2) == {"APPROVED": 2}
