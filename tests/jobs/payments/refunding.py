"""A paid order whose money goes back, and what became of it."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Self

from sqlmodel import col, select

from core.ids import new_id
from models.ledger.entries import LedgerEntry
from models.orders.orders import Order
from models.payments.payments import Payment
from models.payments.refunds import Refund, RefundPart
from tests.client import Client, gid
from tests.factories.buying import Buyer
from tests.factories.paying import PayingShop


@dataclass
class CardSale:
    """An order that was paid by card."""

    shop: PayingShop
    buyer: Buyer
    payment: Payment

    @classmethod
    async def make(cls, shop: PayingShop, **values: Any) -> Self:
        buyer, payment = await shop.placed(**values)
        shop.pay(payment)
        await shop.look(payment)
        await shop.webhooks()
        return cls(shop, buyer, payment)

    async def cancel(self) -> None:
        """Cancel the order, which grants a refund. No job has run yet."""
        given = {"orderId": gid(await self.buyer.order()), "idempotencyKey": str(new_id())}
        assert await self.buyer.client.refusal_codes("cancelOrder", given) == []

    async def refund(self) -> Refund:
        async with self.shop.world.database.session() as session:
            rows = select(Refund).join(Order, col(Order.id) == Refund.order_id)
            return (await session.exec(rows.where(Order.user_id == self.buyer.user.id))).one()

    async def parts(self) -> Sequence[RefundPart]:
        rows = select(RefundPart).where(RefundPart.payment_id == self.payment.id)
        async with self.shop.world.database.session() as session:
            return (await session.exec(rows.order_by(col(RefundPart.id)))).all()

    async def part(self) -> RefundPart:
        return (await self.parts())[0]

    def sent(self) -> list[dict[str, Any]]:
        """Return the refunds that the provider has of this payment."""
        refunds = self.shop.stand_in.objects("refund").values()
        return [one for one in refunds if one["payment_intent"] == self.payment.reference]

    async def postings(self, *ids: object) -> list[str]:
        """Return the kinds of the postings about rows, each once for each leg."""
        rows = select(LedgerEntry.posting)
        async with self.shop.world.database.session() as session:
            found = (await session.exec(rows)).all()
        wanted = {str(id) for id in ids}
        kinds = [one.partition(":") for one in found]
        return sorted(kind for kind, _, id in kinds if id in wanted)

    async def admin(self) -> Client:
        return self.shop.api.signed_in(await self.shop.world.admin())

    def settling(self, part: RefundPart, **values: Any) -> dict[str, Any]:
        key = {"idempotencyKey": str(new_id())}
        return {"refundPartId": gid(part), "reference": f"UTR {new_id()}"} | key | values

    def accepting(self, part: RefundPart) -> dict[str, Any]:
        return {"refundPartId": gid(part), "idempotencyKey": str(new_id())}
