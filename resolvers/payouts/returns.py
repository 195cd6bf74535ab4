"""Mutations of admins on payouts that came back."""

import strawberry

from engine.arguments import IdempotencyKey
from engine.context import Info
from engine.mutation import mutation
from models.audit import AuditAct
from models.errors import KEYED, InvalidInput, NotFound
from models.payouts import payouts as rows
from models.payouts.files import OtherAdminNeeded
from models.payouts.marks import ReturnedDraft
from models.validation import parse
from schema.payouts.inputs import PayoutId, ReturnReason
from schema.payouts.types import Payout
from services.payouts.files import returns


@strawberry.type
class PayoutReturnMutation:
    @mutation(
        payout=Payout,
        personal=True,
        fresh=True,
        audit=AuditAct.MARK_PAYOUT_RETURNED,
        raises=(
            InvalidInput,
            NotFound,
            rows.OwnPayout,
            rows.InvalidPayoutState,
            rows.PayoutReturnNoted,
            *KEYED,
        ),
    )
    async def mark_payout_returned(
        self,
        info: Info,
        payout_id: PayoutId,
        reason: ReturnReason,
        idempotency_key: IdempotencyKey,
    ) -> rows.Payout:
        """Note that the bank could not pay a payout of a file, or has sent it back, or that a
        provider does not know a payout that is UNKNOWN. The money moves when another admin confirms
        it with `confirmPayoutReturn`. Only admins can do this.
        """
        draft = parse(ReturnedDraft, reason=reason)
        async with info.context.transaction() as session:
            return await returns.mark_payout_returned(
                session,
                info.context.viewer,
                payout_id=payout_id,
                reason=draft.reason,
                idempotency_key=idempotency_key,
            )

    @mutation(
        payout=Payout,
        personal=True,
        fresh=True,
        audit=AuditAct.CONFIRM_PAYOUT_RETURN,
        raises=(
            NotFound,
            OtherAdminNeeded,
            rows.OwnPayout,
            rows.InvalidPayoutState,
            *KEYED,
        ),
    )
    async def confirm_payout_return(
        self, info: Info, payout_id: PayoutId, idempotency_key: IdempotencyKey
    ) -> rows.Payout:
        """Confirm that a payout came back, which another admin has noted: the money is in the
        balance again, and the account is RESTRICTED. Only admins can do this.
        """
        async with info.context.transaction() as session:
            return await returns.confirm_payout_return(
                session,
                info.context.viewer,
                payout_id=payout_id,
                idempotency_key=idempotency_key,
            )

    @mutation(
        payout=Payout,
        personal=True,
        audit=AuditAct.REJECT_PAYOUT_RETURN,
        raises=(NotFound, rows.OwnPayout),
        repeatable="a second one finds nothing noted",
    )
    async def reject_payout_return(self, info: Info, payout_id: PayoutId) -> rows.Payout:
        """Reject that a payout came back, or withdraw one's own note of it. Only admins can do
        this.
        """
        async with info.context.transaction() as session:
            return await returns.reject_payout_return(
                session, info.context.viewer, payout_id=payout_id
            )
