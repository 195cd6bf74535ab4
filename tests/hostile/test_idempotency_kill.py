"""A server dies in the middle of a claim or a redemption: who asks again is answered once.

It is the key that finds the first answer: under another one the same is refused.
"""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import Any

import httpx
import pytest

from core.database import Database
from core.ids import new_id
from core.settings import Settings
from tests.client import Client, gid
from tests.factories.redemptions import ANSWER, Till
from tests.factories.world import World
from tests.hostile.exiting_server import KILLED
from tests.hostile.production import ServerProcess, production, serving
from tests.invariants import check_invariants

VOUCHER = "voucher { id code token state }"


@asynccontextmanager
async def exiting_server(
    settings: Settings, api: Client, when: str
) -> AsyncIterator[tuple[Client, ServerProcess]]:
    """Run a second server that exits at the given moment, and yield its client."""
    with serving(production(settings), "-m", "tests.hostile.exiting_server", when) as server:
        async with httpx.AsyncClient(base_url=server.url, timeout=30) as http:
            yield replace(api, http=http), server


async def call_exiting_server(
    settings: Settings, api: Client, when: str, name: str, given: dict[str, Any], fields: str
) -> None:
    """Expect that the connection is lost without a response and the process has exited."""
    async with exiting_server(settings, api, when) as (client, server):
        with pytest.raises(httpx.RemoteProtocolError):
            await client.do(name, given, fields)
        assert server.process.wait(15) == KILLED


@pytest.mark.parametrize("when", ["before", "after"])
async def test_a_claim_is_answered_by_another_server(
    settings: Settings, world: World, api: Client, database: Database, when: str
) -> None:
    till = await Till.open(world)
    api = api.signed_in(till.customer)
    given = {"offerId": gid(till.offer), "idempotencyKey": str(new_id())}
    await call_exiting_server(settings, api, when, "claimOffer", given, VOUCHER)
    assert (await world.fresh(till.offer)).claimed == (when == "after")

    answer = await api.do("claimOffer", given, VOUCHER)
    assert answer["errors"] == []
    assert answer["voucher"]["state"] == "CLAIMED"
    assert await api.do("claimOffer", given, VOUCHER) == answer
    assert (await world.fresh(till.offer)).claimed == 1
    assert [kind for _, _, kind in await world.journal()].count("voucher.claimed") == 2
    await check_invariants(database)

    another = given | {"idempotencyKey": str(new_id())}
    assert await api.refusal_codes("claimOffer", another) == ["CLAIM_LIMIT_REACHED"]


@pytest.mark.parametrize("when", ["before", "after"])
async def test_a_redemption_is_answered_by_another_server(
    settings: Settings, world: World, api: Client, database: Database, when: str
) -> None:
    till = await Till.open(world, claimed=1)
    api = api.signed_in(till.scanner)
    voucher = await till.voucher()
    scan = till.scan(token=voucher.token)
    await call_exiting_server(settings, api, when, "redeemVoucher", scan, ANSWER)
    assert len(await till.attempts()) == (when == "after")

    answer = await api.do("redeemVoucher", scan, ANSWER)
    assert answer["outcome"] == "APPROVED"
    assert await api.do("redeemVoucher", scan, ANSWER) == answer
    assert len(await till.attempts()) == 1
    await check_invariants(database)

    another = await api.do("redeemVoucher", till.scan(token=voucher.token), ANSWER)
    assert another["reason"] == "ALREADY_REDEEMED"
    changed = scan | {"token": None, "code": voucher.code}
    assert await api.refusal_codes("redeemVoucher", changed) == ["IDEMPOTENCY_KEY_REUSED"]
