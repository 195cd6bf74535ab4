"""Root fields of adjustments."""

from typing import Any

import strawberry

from core.keyset import Listing
from engine.connections import Connection, connection
from engine.context import Info
from engine.mutation import mutation
from models.audit import AuditAct
from models.errors import IdempotencyInProgress, IdempotencyKeyReused, InvalidInput, NotFound
from models.ledger import adjustments as rows
from models.ledger.accounts import WalletTooLow
from models.ledger.tax_payments import TaxNotDue
from models.payouts.debts import DebtTooSmall
from schema.ledger.inputs import (
    AdjustLedgerInput,
    AdjustmentId,
    GrantPromoMoneyInput,
    WantedState,
)
from schema.ledger.types import LedgerAdjustment
from services.ledger import adjustments


@strawberry.type
class AdjustmentQuery:
    @connection(
        Connection[LedgerAdjustment],
        "Adjustments of wallets, debts that are written off, and payments of taxes, newest first."
        " Visible to admins.",
    )
    def ledger_adjustments(self, info: Info, state: WantedState = None) -> Listing[Any]:
        return adjustments.list_adjustments(info.context.viewer, state=state)


@strawberry.type
class AdjustmentMutation:
    @mutation(
        adjustment=LedgerAdjustment,
        personal=True,
        fresh=True,
        audit=AuditAct.ADJUST_LEDGER,
        raises=(
            InvalidInput,
            NotFound,
            rows.AccountsNotAdjustable,
            rows.OwnWallet,
            IdempotencyKeyReused,
            IdempotencyInProgress,
        ),
    )
    async def adjust_ledger(self, info: Info, input: AdjustLedgerInput) -> rows.LedgerAdjustment:
        """Propose to move money between a wallet and an account of the platform, such as money that
        was paid in at the counter: from BANK to WALLET. It is moved when another admin approves it.
        Only admins can do this, and not for their own wallet.
        """
        draft = input.draft()
        async with info.context.transaction() as session:
            return await adjustments.adjust_ledger(
                session,
                info.context.viewer,
                draft,
                owner=input.owner.owner(),
                idempotency_key=input.idempotency_key,
            )

    @mutation(
        adjustment=LedgerAdjustment,
        personal=True,
        fresh=True,
        audit=AuditAct.ADJUST_LEDGER,
        raises=(
            InvalidInput,
            NotFound,
            rows.OwnWallet,
            IdempotencyKeyReused,
            IdempotencyInProgress,
        ),
    )
    async def grant_promo_money(
        self, info: Info, input: GrantPromoMoneyInput
    ) -> rows.LedgerAdjustment:
        """Propose to give promotional money that ends. It is in the wallet when another admin
        approves the adjustment with `approveLedgerAdjustment`. It is spent before other money, and
        what ends first is spent first. Only admins can do this, and not for their own wallet.
        """
        draft = input.draft()
        async with info.context.transaction() as session:
            return await adjustments.adjust_ledger(
                session,
                info.context.viewer,
                draft,
                owner=input.owner.owner(),
                idempotency_key=input.idempotency_key,
                operation="grantPromoMoney",
            )

    @mutation(
        adjustment=LedgerAdjustment,
        personal=True,
        fresh=True,
        audit=AuditAct.APPROVE_ADJUSTMENT,
        raises=(
            NotFound,
            rows.SecondAdminNeeded,
            rows.OwnWallet,
            rows.AdjustmentDecided,
            WalletTooLow,
            DebtTooSmall,
            TaxNotDue,
        ),
        repeatable="returns what the viewer has approved",
    )
    async def approve_ledger_adjustment(
        self, info: Info, adjustment_id: AdjustmentId
    ) -> rows.LedgerAdjustment:
        """Approve an adjustment that another admin has proposed: the money is moved, and the user
        or the owners of the vendor are notified if it is theirs. Only admins can do this.
        """
        async with info.context.transaction() as session:
            return await adjustments.approve_adjustment(
                session, info.context.viewer, adjustment_id=adjustment_id
            )

    @mutation(
        adjustment=LedgerAdjustment,
        personal=True,
        audit=AuditAct.REJECT_ADJUSTMENT,
        raises=(NotFound, rows.OwnWallet, rows.AdjustmentDecided),
        repeatable="returns what the viewer has rejected",
    )
    async def reject_ledger_adjustment(
        self, info: Info, adjustment_id: AdjustmentId
    ) -> rows.LedgerAdjustment:
        """Reject an adjustment, or withdraw the viewer's own. Only admins can do this."""
        async with info.context.transaction() as session:
            return await adjustments.reject_adjustment(
                session, info.context.viewer, adjustment_id=adjustment_id
            )
