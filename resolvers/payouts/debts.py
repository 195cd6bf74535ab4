"""The mutation by which a vendor pays what it owes."""

import strawberry

from engine.context import Info
from engine.mutation import mutation
from models.errors import KEYED, InvalidInput, NotFound
from models.payments.ways import PaymentTooSmall, ProviderNotAvailable
from models.payouts.debts import DebtPaymentOpen, DebtTooSmall
from models.payouts.payouts import PayoutDraft
from models.validation import parse
from schema.payouts.debts import PayDebtInput
from schema.purchases.payloads import sent_purchase
from schema.purchases.types import Purchase
from services.payouts.paying_debts import pay_debt


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
