"""Packs that are renewed by card: a period is charged once by eight workers at once."""

import asyncio
from datetime import timedelta

from sqlmodel import select, update

from core.clock import now
from core.ids import new_id
from models.packs.subscriptions import PackSubscription
from models.payments.payments import Payment
from models.purchases import PurchaseState
from services.packs import renewing
from tests.client import gid
from tests.factories.packs import buying
from tests.factories.paying import PayingShop
from tests.invariants import check_invariants

WORKERS = 8


async def test_eight_workers_charge_a_card_once_for_a_period(shop: PayingShop) -> None:
    """The answers of the provider are lost, so the calls are sent again as well."""
    owner = await shop.world.user(email=f"{new_id()}@haat.example")
    vendor, pack = await shop.world.vendor(owner), await shop.world.pack()
    card = await shop.save_card_of(owner)
    given = buying(vendor, pack, paymentMethodId=gid(card))
    subscribed = await shop.api.signed_in(owner).refusal_codes("subscribeToPack", given)
    assert subscribed == []
    await shop.webhooks()
    async with shop.world.database.session() as session, session.begin():
        due = now() - timedelta(seconds=1)
        await session.exec(
            update(PackSubscription).values(renews_at=due, announced_at=now() - timedelta(days=2))
        )
    shop.stand_in.control(path="/v1/payment_intents", lose=3, webhooks={"drop": 100})
    begin = shop.worker.transactions.begin
    await asyncio.gather(*(renewing.renew_due(begin) for _ in range(WORKERS)))
    for _ in range(2):
        await shop.run_all()
    purchases = await shop.world.purchases(vendor)
    assert [one.state for one in purchases] == [PurchaseState.PAID] * 2
    async with shop.world.database.session() as session:
        payments = (await session.exec(select(Payment))).all()
    assert {one.purchase_id for one in payments} == {one.id for one in purchases}
    ids = {str(one.id) for one in payments}
    charged = [
        one["metadata"]["payment_id"]
        for one in shop.stand_in.objects("payment_intent").values()
        if one["metadata"].get("payment_id") in ids
    ]
    assert sorted(charged) == sorted(ids)
    await check_invariants(shop.world.database)
