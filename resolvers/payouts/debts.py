"""Debts of vendors, and the mutation by which they pay them."""

from typing import Annotated

import strawberry

from core.keyset import Window
from engine.arguments import FirstOf
from engine.context import Info
from engine.limits.cost import COUNT_COST
from engine.mutation import mutation
from engine.scalars import CurrencyCode
from engine.types import field
from models.errors import KEYED, InvalidInput, NotFound
from models.payments.ways import PaymentTooSmall, ProviderNotAvailable
from models.payouts.debts import DebtPaymentOpen, DebtTooSmall
from models.payouts.payouts import PayoutDraft
from models.validation import parse
from schema.payouts.debts import PayDebtInput, VendorDebt
from schema.purchases.payloads import sent_purchase
from schema.purchases.types import Purchase
from services.payouts import debtors
from services.payouts.paying_debts import pay_debt

DebtCurrency = Annotated[CurrencyCode, strawberry.argument(description="The currency.")]


@strawberry.type
class DebtQuery:
    @field(
        "The debts of vendors in a currency, oldest first. Only admins can list them.",
        cost=COUNT_COST,
    )
    async def vendor_debts(
        self, info: Info, currency: DebtCurrency, first: FirstOf = 20
    ) -> list[VendorDebt]:
        most = Window(first=first).size
        async with info.context.read_session() as session:
            viewer = info.context.viewer
            found = await debtors.list_debts(session, viewer, currency=currency, most=most)
        return [VendorDebt.wrap(one) for one in found]


@strawberry.type
class DebtMutation:
    @mutation(
        personal=True,
        purchase=Purchase,
        raises=(
            InvalidInput,
            NotFound,
            DebtTooSmall,
            DebtPaymentOpen,
            ProviderNotAvailable,
            PaymentTooSmall,
            *KEYED,
        ),
    )
    async def pay_debt(self, info: Info, input: PayDebtInput) -> Purchase | None:
        """Pay what a vendor owes, whose balance is below zero. The money is in the balance when the
        payment has arrived. With a payment provider, the newest of the purchase's `payments` has
        what its form or page needs. A transfer is recorded by an admin with
        `recordPurchasePayment`. Requires the MANAGER or OWNER role.
        """
        draft = parse(PayoutDraft, amount=input.amount_minor)
        async with info.context.transaction() as session:
            purchase = await pay_debt(
                session,
                info.context.viewer,
                vendor_id=input.vendor_id,
                amount=draft.amount,
                way=input.way(),
                ways=info.context.app.ways_to_pay,
                idempotency_key=input.idempotency_key,
            )
        return await sent_purchase(info, purchase.id)
