"""A paid order of two vendors whose payment is disputed."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Self

from sqlalchemy import text
from sqlmodel import select

from core.ids import new_id
from gateways.payments.gateway import ProviderDispute
from models.orders.orders import SubOrder
from models.payments.disputes import Dispute
from models.payments.payments import Payment, PaymentSplit
from models.vendors import MemberRole
from services.disputes.applying import apply_dispute
from services.ledger.balances import read_trial_balance
from services.viewer import Viewer
from tests.client import Client, gid
from tests.factories.buying import PRICE, Buyer, Stall
from tests.factories.paying import PayingShop
from tests.factories.vendors import new_member

ROWS = text(
    """
    SELECT 'order', o::text FROM "order" AS o UNION ALL
    SELECT 'line', l::text FROM order_line AS l UNION ALL
    SELECT 'suborder', s::text FROM suborder AS s UNION ALL
    SELECT 'stock', s::text FROM stock AS s UNION ALL
    SELECT 'movement', m::text FROM stock_movement AS m ORDER BY 1, 2
    """
)


@dataclass
class Disputed:
    """An order of two vendors, paid by card, each with a member who changes orders."""

    shop: PayingShop
    buyer: Buyer
    payment: Payment
    stalls: list[Stall]
    sellers: list[Client] = field(default_factory=list)
    reference: str = ""

    @classmethod
    async def make(cls, shop: PayingShop, *, vendors: int = 2) -> Self:
        stalls = [shop.stall]
        stalls += [await Stall.open(shop.world, kind="PHYSICAL") for _ in range(vendors - 1)]
        buyer = await Buyer.create(shop.world, shop.api)
        await buyer.fill(*(stall.variant for stall in stalls))
        given = {"provider": "STRIPE", "returnUrl": "https://shop.example/paid"}
        placed = await buyer.place(vendors * PRICE, **given)
        assert placed["errors"] == []
        payment = await shop.payment(buyer)
        shop.pay(payment)
        await shop.look(payment)
        await shop.webhooks()
        made = cls(shop, buyer, payment, stalls)
        for stall in stalls:
            member = await new_member(shop.world, stall.vendor, MemberRole.STAFF)
            made.sellers.append(shop.api.signed_in(member))
        return made

    async def dispute(self, **given: Any) -> Dispute:
        """Let the buyer's bank dispute the payment, and apply that."""
        opened = self.shop.stand_in.act("dispute", id=self.payment.reference, **given)
        self.reference = opened["id"]
        await self.shop.webhooks()
        return await self.row()

    async def end(self, action: str, **given: Any) -> Dispute:
        self.shop.stand_in.act(action, id=self.reference, **given)
        await self.shop.webhooks()
        return await self.row()

    async def seen(self) -> ProviderDispute:
        """Return the dispute as the provider has it now."""
        gateway = self.shop.worker.payments[self.payment.provider]
        return await gateway.find_dispute(self.reference)

    async def apply(self, found: ProviderDispute) -> None:
        async with self.shop.worker.transactions.begin() as session:
            await apply_dispute(session, self.payment.provider, found)

    async def row(self) -> Dispute:
        rows = select(Dispute).where(Dispute.reference == self.reference)
        async with self.shop.world.database.session() as session:
            return (await session.exec(rows)).one()

    def at_bank(self) -> dict[str, Any]:
        return self.shop.stand_in.objects("dispute")[self.reference]

    async def disputed(self) -> tuple[int, list[int]]:
        """Return what is disputed of the payment, and of each share of it."""
        rows = select(PaymentSplit.disputed).where(PaymentSplit.payment_id == self.payment.id)
        async with self.shop.world.database.session() as session:
            shares = (await session.exec(rows)).all()
        return (await self.shop.world.fresh(self.payment)).disputed, list(shares)

    async def goods(self) -> Sequence[Any]:
        """Return the rows of orders and stock as the database has them."""
        async with self.shop.world.database.session() as session:
            return (await session.execute(ROWS)).all()

    async def balances(self) -> dict[str, int]:
        """Return the balances in rupees by kind of account, without those that are zero."""
        viewer = Viewer(user_id=new_id(), admin=True)
        async with self.shop.world.database.session() as session:
            found = await read_trial_balance(session, viewer, "INR")
        return {str(one.kind): one.balance for one in found if one.balance}

    async def parts(self) -> Sequence[SubOrder]:
        return await self.buyer.parts()

    async def admin(self) -> Client:
        return self.shop.api.signed_in(await self.shop.world.admin())

    def answer(self, dispute: Dispute, **values: Any) -> dict[str, Any]:
        given = {"explanation": "It was delivered.", "idempotencyKey": str(new_id())}
        return {"disputeId": gid(dispute), **given, **values}
