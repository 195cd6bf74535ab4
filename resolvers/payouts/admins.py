"""Mutations of admins on reserves, debts and discrepancies."""

import strawberry

from engine.arguments import IdempotencyKey
from engine.context import Info
from engine.mutation import mutation
from models.audit import AuditAct
from models.errors import KEYED, InvalidInput, NotFound
from models.ledger.adjustments import LedgerAdjustment as AdjustmentRow
from models.payouts import reconciliation as rows
from models.payouts.debts import DebtTooSmall
from models.payouts.marks import ResolutionDraft
from models.payouts.payouts import OwnPayout
from models.validation import parse
from schema.ledger.types import LedgerAdjustment
from schema.payouts.inputs import (
    ResolutionNote,
    SetReserveInput,
    TransactionId,
    WriteOffVendorDebtInput,
)
from schema.payouts.types import ProviderTransaction, VendorBalance
from services.payouts import balances, debts
from services.payouts.accounts import terms
from services.payouts.reconciliation import discrepancies


@strawberry.type
class PayoutAdminMutation:
    @mutation(
        vendor_balance=VendorBalance,
        for_admins=True,
        audit=AuditAct.SET_RESERVE,
        raises=(InvalidInput, NotFound, OwnPayout),
        repeatable="sets values",
    )
    async def set_reserve(
        self, info: Info, input: SetReserveInput
    ) -> balances.VendorBalance | None:
        """Set the share of the sales of a vendor that is kept back for refunds, and inform its
        owners. It holds for what is released from now on. Only admins can do this.
        """
        reserve = input.reserve()
        async with info.context.transaction() as session:
            await terms.set_reserve(
                session, info.context.viewer, vendor_id=input.vendor_id, reserve=reserve
            )
            await session.flush()
            return await balances.find_vendor_balance(session, input.vendor_id)

    @mutation(
        adjustment=LedgerAdjustment,
        personal=True,
        fresh=True,
        audit=AuditAct.WRITE_OFF_DEBT,
        raises=(InvalidInput, NotFound, DebtTooSmall, OwnPayout, *KEYED),
    )
    async def write_off_vendor_debt(
        self, info: Info, input: WriteOffVendorDebtInput
    ) -> AdjustmentRow:
        """Propose to write off what a vendor owes. It is posted when another admin approves it with
        `approveLedgerAdjustment`, and the owners are notified. Only admins can do this.
        """
        draft = input.draft()
        async with info.context.transaction() as session:
            return await debts.write_off_vendor_debt(
                session,
                info.context.viewer,
                draft,
                vendor_id=input.vendor_id,
                idempotency_key=input.idempotency_key,
            )

    @mutation(
        discrepancy=ProviderTransaction,
        for_admins=True,
        audit=AuditAct.RESOLVE_DISCREPANCY,
        raises=(InvalidInput, NotFound, rows.DiscrepancyResolved, *KEYED),
    )
    async def resolve_discrepancy(
        self,
        info: Info,
        provider_transaction_id: TransactionId,
        note: ResolutionNote,
        idempotency_key: IdempotencyKey,
    ) -> rows.ProviderTransaction:
        """Note how a discrepancy was explained. It posts nothing. Only admins can do this."""
        draft = parse(ResolutionDraft, note=note)
        async with info.context.transaction() as session:
            return await discrepancies.resolve_discrepancy(
                session,
                info.context.viewer,
                provider_transaction_id=provider_transaction_id,
                note=draft.note,
                idempotency_key=idempotency_key,
            )

    @mutation(
        discrepancy=ProviderTransaction,
        for_admins=True,
        audit=AuditAct.REOPEN_DISCREPANCY,
        raises=(NotFound,),
        repeatable="keeps one that is open",
    )
    async def reopen_discrepancy(
        self, info: Info, provider_transaction_id: TransactionId
    ) -> rows.ProviderTransaction:
        """Drop the explanation of a discrepancy that is RESOLVED, such as a wrong one. It is listed
        again, and a later statement of the provider can end it. Only admins can do this.
        """
        async with info.context.transaction() as session:
            return await discrepancies.reopen_discrepancy(
                session,
                info.context.viewer,
                provider_transaction_id=provider_transaction_id,
            )
