"""Disputes by Paystack: taken in, reminded, answered with files, accepted, won and lost."""

from typing import Any, Self

import pytest
from sqlalchemy import text
from sqlmodel import select

from core.ids import new_id
from models.ledger.accounts import Account, AccountKind
from models.payments.disputes import Dispute, DisputeState
from models.payments.events import WebhookEvent, WebhookState
from models.payments.payments import Payment, PaymentProvider
from services.disputes.polling import poll_disputes
from services.ledger.balances import read_balance
from tests.client import Client, gid, unknown
from tests.factories.buying import PRICE
from tests.factories.paying import PayingShop
from tests.invariants import check_invariants
from tests.jobs.payments.test_paystack import Naira

LONG_AGO = text("UPDATE dispute SET checked_at = now() - interval '1 day'")


class DisputedNaira:
    """An order in naira, paid on Paystack's page, whose payment is disputed."""

    def __init__(self, naira: Naira, payment: Payment, reference: str) -> None:
        self.naira, self.shop, self.payment = naira, naira.shop, payment
        self.reference = reference

    @classmethod
    async def make(cls, shop: PayingShop) -> Self:
        naira = await Naira.open(shop)
        placed = await naira.place()
        naira.enter(placed["payment"]["redirectUrl"])
        await shop.webhooks()
        (payment,) = await naira.payments()
        opened = shop.stand_in.act("dispute", id=payment.reference)
        await shop.webhooks()
        return cls(naira, payment, str(opened["id"]))

    async def end(self, action: str) -> Dispute:
        self.shop.stand_in.act(action, id=self.reference)
        await self.shop.webhooks()
        return await self.row()

    async def row(self) -> Dispute:
        rows = select(Dispute).where(Dispute.provider == PaymentProvider.PAYSTACK)
        async with self.shop.world.database.session() as session:
            return (await session.exec(rows.where(Dispute.reference == self.reference))).one()

    async def balance(self, kind: AccountKind) -> int:
        owner_id = self.naira.stall.vendor.id if kind.startswith("V_") else None
        async with self.shop.world.database.session() as session:
            return await read_balance(session, Account(kind, "NGN", owner_id))

    async def admin(self) -> Client:
        return self.shop.api.signed_in(await self.shop.world.admin())

    def at_bank(self) -> dict[str, Any]:
        return self.shop.stand_in.objects("paystack_dispute")[self.reference]


@pytest.fixture
async def disputed(shop: PayingShop) -> DisputedNaira:
    return await DisputedNaira.make(shop)


async def test_a_dispute_takes_the_money_when_it_is_lost(disputed: DisputedNaira) -> None:
    """Paystack takes no money before."""
    shop, opened = disputed.shop, await disputed.row()
    assert (opened.dispute_state, opened.amount) == (DisputeState.NEEDS_RESPONSE, PRICE)
    assert (opened.taken_at, opened.held, opened.refundable) == (None, 0, True)
    assert opened.due_at
    before = await disputed.balance(AccountKind.V_PENDING)
    reminded = await disputed.end("remind_dispute")
    assert reminded.dispute_state is DisputeState.NEEDS_RESPONSE
    assert await disputed.balance(AccountKind.V_PENDING) == before == PRICE
    paid_in = await disputed.balance(AccountKind.PROVIDER)
    lost = await disputed.end("lose_dispute")
    assert (lost.dispute_state, lost.held) == (DisputeState.LOST, PRICE)
    assert await disputed.balance(AccountKind.V_PENDING) == 0
    assert await disputed.balance(AccountKind.PROVIDER) == paid_in + PRICE
    applied = select(WebhookEvent.kind).where(WebhookEvent.state == WebhookState.APPLIED)
    async with shop.world.database.session() as session:
        kinds = set((await session.exec(applied)).all())
    assert kinds >= {f"charge.dispute.{one}" for one in ("create", "remind", "resolve")}
    await check_invariants(shop.world.database)


async def test_a_dispute_that_is_won_moves_nothing(disputed: DisputedNaira) -> None:
    paid_in = await disputed.balance(AccountKind.PROVIDER)
    won = await disputed.end("win_dispute")
    assert (won.dispute_state, won.taken_at) == (DisputeState.WON, None)
    assert await disputed.balance(AccountKind.PROVIDER) == paid_in
    assert await disputed.balance(AccountKind.V_PENDING) == PRICE
    await check_invariants(disputed.shop.world.database)


async def test_evidence_reaches_the_bank(disputed: DisputedNaira) -> None:
    admin, dispute = await disputed.admin(), await disputed.row()
    given = {
        "disputeId": gid(dispute),
        "explanation": "It was delivered.",
        "carrier": "GIG",
        "idempotencyKey": str(new_id()),
    }
    for _ in range(2):
        assert await admin.refusal_codes("answerDispute", given) == []
    await disputed.shop.work()
    await disputed.shop.webhooks()
    assert disputed.at_bank()["status"] == "awaiting-bank-feedback"
    (sent,) = [
        one
        for one in disputed.shop.stand_in.objects("paystack_evidence").values()
        if str(one["dispute"]) == disputed.reference
    ]
    assert sent["service_details"] == "It was delivered.; GIG"
    assert (await disputed.row()).answered_at
    await disputed.end("lose_dispute")
    await check_invariants(disputed.shop.world.database)


async def test_an_admin_accepts_a_dispute_once(disputed: DisputedNaira) -> None:
    shop, dispute = disputed.shop, await disputed.row()
    admin = await disputed.admin()
    given = {"disputeId": gid(dispute), "idempotencyKey": "one"}
    assert await shop.api.mutation_failed("acceptDispute", given) == ["UNAUTHENTICATED"]
    for client in (disputed.naira.client, shop.api.signed_in(await shop.world.user())):
        assert await client.mutation_failed("acceptDispute", given) == ["FORBIDDEN"]
    shop.stand_in.control(path=f"/paystack/dispute/{disputed.reference}/resolve", lose=1)
    for _ in range(2):
        assert await admin.refusal_codes("acceptDispute", given) == []
    for _ in range(3):
        await shop.run_all()
        await shop.webhooks()
    lost = await disputed.row()
    assert (lost.dispute_state, lost.held) == (DisputeState.LOST, PRICE)
    assert lost.accepted_at
    again = given | {"idempotencyKey": "two"}
    assert await admin.refusal_codes("acceptDispute", again) == ["DISPUTE_CLOSED"]
    none = given | {"disputeId": unknown("Dispute"), "idempotencyKey": "three"}
    assert await admin.refusal_codes("acceptDispute", none) == ["NOT_FOUND"]
    assert await disputed.balance(AccountKind.V_PENDING) == 0
    await check_invariants(shop.world.database)


async def test_a_dispute_whose_webhooks_are_lost_is_polled(disputed: DisputedNaira) -> None:
    shop = disputed.shop
    shop.stand_in.control(webhooks={"drop": 100})
    await disputed.end("lose_dispute")
    async with shop.world.database.session() as session, session.begin():
        await session.execute(LONG_AGO)
    for _ in range(2):
        await poll_disputes(shop.worker.transactions.begin, shop.worker.payments)
    assert (await disputed.row()).dispute_state is DisputeState.LOST
    assert await disputed.balance(AccountKind.V_PENDING) == 0
    await check_invariants(shop.world.database)
