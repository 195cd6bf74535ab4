"""Root fields of payments of taxes."""

import strawberry

from engine.context import Info
from engine.mutation import mutation
from models.audit import AuditAct
from models.errors import KEYED, InvalidInput
from models.ledger.adjustments import LedgerAdjustment as AdjustmentRow
from models.ledger.tax_payments import TaxNotDue, TaxPaymentRecorded
from schema.ledger.inputs import RecordTaxPaymentInput
from schema.ledger.types import LedgerAdjustment
from services.ledger import tax_payments


@strawberry.type
class TaxPaymentMutation:
    @mutation(
        adjustment=LedgerAdjustment,
        personal=True,
        fresh=True,
        audit=AuditAct.RECORD_TAX_PAYMENT,
        raises=(InvalidInput, TaxNotDue, TaxPaymentRecorded, *KEYED),
    )
    async def record_tax_payment(self, info: Info, input: RecordTaxPaymentInput) -> AdjustmentRow:
        """Propose to post a tax that the platform has paid, from the account of the tax to BANK. It
        is posted when another admin approves it with `approveLedgerAdjustment`. Only admins can do
        this.
        """
        draft = input.draft()
        async with info.context.transaction() as session:
            return await tax_payments.record_tax_payment(
                session, info.context.viewer, draft, idempotency_key=input.idempotency_key
            )
