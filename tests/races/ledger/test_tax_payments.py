"""Payments of a tax that are approved and recorded at once: no more is paid than is due."""

import asyncio
from collections import Counter

import pytest
from sqlmodel.ext.asyncio.session import AsyncSession

from models.ledger.adjustments import LedgerAdjustment
from services.ledger import adjustments, tax_payments
from tests.client import Client, gid
from tests.factories.world import World
from tests.invariants import check_invariants
from tests.races.meeting import Meeting
from tests.resolvers.ledger.test_tax_payments import payment

PAYMENTS = 10


async def approve(world: World, clients: list[Client], ids: list[str]) -> Counter[str]:
    """Approve each, as one of two admins by one of two processes. Returns the tally of codes."""
    admins = [client.signed_in(await world.admin()) for client in clients]
    calls = (
        admins[place % 2].refusal_codes("approveLedgerAdjustment", {"adjustmentId": id})
        for place, id in enumerate(ids)
    )
    return Counter((codes or ["OK"])[0] for codes in await asyncio.gather(*calls))


async def test_no_more_is_paid_than_is_due(world: World, clients: list[Client]) -> None:
    await world.tax_due(100_00)
    proposer = await world.admin()
    rows = [
        await world.tax_payment(40_00, proposed_by=proposer.id, reference=f"CIN {number}")
        for number in range(PAYMENTS)
    ]
    tally = await approve(world, clients, [gid(one) for one in rows])
    assert tally == {"OK": 2, "TAX_NOT_DUE": PAYMENTS - 2}
    assert await world.due() == 20_00
    await check_invariants(world.database)


async def test_more_is_paid_without_the_lock(
    world: World, api: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def unlocked(session: AsyncSession, one: LedgerAdjustment) -> None:
        await tax_payments._ensure_due(session, one.account(one.debit), one.amount)

    monkeypatch.setattr(adjustments, "lock_due", Meeting().after(unlocked))
    await world.tax_due(100_00)
    rows = [await world.tax_payment(60_00) for _ in range(2)]
    assert await approve(world, [api, api], [gid(one) for one in rows]) == {"OK": 2}
    assert await world.due() == -20_00


async def test_one_payment_is_approved_and_one_receipt_recorded_once(
    world: World, clients: list[Client]
) -> None:
    await world.tax_due(100_00)
    one = await world.tax_payment(40_00)
    tally = await approve(world, clients, [gid(one)] * PAYMENTS)
    assert tally == {"OK": PAYMENTS // 2, "ADJUSTMENT_DECIDED": PAYMENTS // 2}
    assert await world.due() == 60_00
    admins = [client.signed_in(await world.admin()) for client in clients]
    calls = (
        admins[number % 2].refusal_codes(
            "recordTaxPayment", payment(reference="CIN", amountMinor=1)
        )
        for number in range(PAYMENTS)
    )
    tally = Counter((codes or ["OK"])[0] for codes in await asyncio.gather(*calls))
    assert tally == {"OK": 1, "TAX_PAYMENT_RECORDED": PAYMENTS - 1}
    await check_invariants(world.database)
