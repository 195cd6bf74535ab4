"""A vendor is suspended while customers claim its offers and tills redeem their vouchers."""

import asyncio
from collections import Counter
from collections.abc import Coroutine, Sequence
from typing import Any
from uuid import UUID

import asyncpg
import pytest
from sqlalchemy import bindparam, true
from sqlmodel import col, func, select, update

from core.database import Database, for_change
from core.statements.selected import columns_of
from core.statements.statement import Statement
from core.statements.units import PreparedTransaction
from models.offers.offers import Offer
from models.redemptions import Redemption, RedemptionOutcome, Voucher
from models.vendors import MemberRole, Vendor
from services.offers import claims, first_claims
from services.offers.first_claims import THIS_OFFER
from services.redemptions import redeem
from services.viewer import Viewer
from tests.client import Client, gid
from tests.factories.redemptions import Till
from tests.factories.world import World
from tests.invariants import check_invariants
from tests.races.crowd import Payload, crowd, tally
from tests.races.meeting import MAX_WAIT_SECONDS, POLL_SECONDS, Meeting, waiting_for_locks

PEOPLE, ROUNDS, HELD = 30, 3, 3
UNLOCKED = Statement(
    select(*columns_of(Vendor)).join(Offer, col(Offer.vendor_id) == Vendor.id), Vendor
)
COUNT = Statement(
    update(Offer)
    .where(col(Offer.id) == bindparam("offer_id"))
    .values(claimed=col(Offer.claimed) + 1)
    .returning(*columns_of(Offer)),
    Offer,
)
SALES = {
    "claimOffer": select(func.count()).select_from(Voucher),
    "redeemVoucher": select(func.count())
    .select_from(Redemption)
    .where(Redemption.outcome == RedemptionOutcome.APPROVED),
}


async def sold(database: Database, name: str) -> int:
    async with database.session() as session:
        return (await session.exec(SALES[name])).one()


async def calls_of(
    name: str, till: Till, clients: Sequence[Client], people: int
) -> list[Coroutine[Any, Any, Payload]]:
    """Return calls of a mutation by as many people, each with a till and a voucher to redeem."""
    users, calls = await crowd(till.world, people), []
    for number, user in enumerate(users):
        client = clients[number % len(clients)]
        if name == "claimOffer":
            given = {"offerId": gid(till.offer), "idempotencyKey": str(user.id)}
            calls.append(client.signed_in(user).do(name, given))
        else:
            await till.world.member(till.vendor, user, MemberRole.SCANNER)
            voucher = await till.world.voucher(till.offer, user)
            scan = till.scan(token=voucher.token)
            calls.append(client.signed_in(user).do(name, scan, "reason"))
    return calls


async def suspend_among(
    name: str, database: Database, world: World, clients: Sequence[Client], held: "Held | None"
) -> tuple[Counter[str], int, int]:
    """Return the tally, and the number of sales at the end of the suspension and of all calls."""
    people = HELD if held else PEOPLE
    till = await Till.open(world, claimed=0 if name == "claimOffer" else people)
    admin = clients[0].signed_in(await world.admin())
    before = await sold(database, name)
    running = [asyncio.create_task(call) for call in await calls_of(name, till, clients, people)]
    await (held.all_have_read.arrive() if held else asyncio.wait(running[:1]))
    given = {"vendorId": gid(till.vendor), "reason": "Complaints."}
    assert await admin.refusal_codes("suspendVendor", given) == []
    at_end = await sold(database, name)
    if held:
        held.suspended.set()
    answers = tally(await asyncio.gather(*running))
    return answers, at_end - before, await sold(database, name) - before


@pytest.mark.parametrize("name", SALES)
async def test_a_vendor_sells_nothing_once_it_is_suspended(
    world: World, clients: list[Client], database: Database, name: str
) -> None:
    for _ in range(ROUNDS):
        answers, at_end, after = await suspend_among(name, database, world, clients, None)
        assert at_end == after
        assert answers["OK"] + answers["APPROVED"] == after
        assert sum(answers.values()) == after + answers["VENDOR_SUSPENDED"]
    await check_invariants(database)


class Held:
    """Sales that read the vendor without a lock, and go on once it is suspended.

    They are few, because each keeps a connection until then.
    """

    def __init__(self) -> None:
        self.all_have_read = Meeting(HELD + 1)
        self.suspended = asyncio.Event()

    async def claim(self, connection: asyncpg.Connection, offer_id: UUID) -> Offer:
        (vendor,) = await UNLOCKED.fetch(connection)
        vendor.ensure_approved()
        await self._wait()
        (offer,) = await COUNT.fetch(connection, offer_id=offer_id)
        return offer

    async def redeem(
        self, unit: PreparedTransaction, viewer: Viewer, vendor_id: UUID, role: MemberRole
    ) -> Vendor:
        (vendor,) = await UNLOCKED.fetch(unit.connection)
        await self._wait()
        return vendor

    async def _wait(self) -> None:
        await self.all_have_read.arrive()
        await self.suspended.wait()


@pytest.mark.parametrize("name", SALES)
async def test_a_suspended_vendor_sells_without_the_lock(
    world: World,
    api: Client,
    monkeypatch: pytest.MonkeyPatch,
    database: Database,
    no_first_claims: None,
    name: str,
) -> None:
    held = Held()
    monkeypatch.setattr(claims, "_count_claim", held.claim)
    monkeypatch.setattr(redeem, "rely_on_vendor", held.redeem)
    answers, at_end, after = await suspend_among(name, database, world, [api], held)
    assert (at_end, after) == (0, HELD)
    assert answers["OK"] + answers["APPROVED"] == HELD


async def test_a_suspended_vendor_sells_in_one_statement_without_the_lock(
    world: World, api: Client, monkeypatch: pytest.MonkeyPatch, database: Database
) -> None:
    """The statement reads the vendor as of its start then, and waits for the offer meanwhile."""
    key = first_claims.claimed_key()
    vendor: Any = select(col(Offer.vendor_id).label("id")).join(key, true()).where(THIS_OFFER)
    offer = first_claims.counted_offer(vendor.cte("vendor_of_offer"))
    monkeypatch.setattr(first_claims, "FIRST_CLAIM", first_claims.first_claim(key, offer))
    till, before = await Till.open(world), await sold(database, "claimOffer")
    admin = api.signed_in(await world.admin())
    async with database.session() as session, session.begin():
        await session.exec(for_change(select(Offer.id).where(Offer.id == till.offer.id)))
        calls = await calls_of("claimOffer", till, [api], HELD)
        running = [asyncio.create_task(call) for call in calls]
        async with asyncio.timeout(MAX_WAIT_SECONDS):
            while await waiting_for_locks(database) < HELD:  # noqa: ASYNC110 - nothing signals it
                await asyncio.sleep(POLL_SECONDS)
        given = {"vendorId": gid(till.vendor), "reason": "Complaints."}
        assert await admin.refusal_codes("suspendVendor", given) == []
    assert tally(await asyncio.gather(*running)) == {"OK": HELD}
    assert await sold(database, "claimOffer") == before + HELD
