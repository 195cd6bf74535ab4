"""Mutations of admins on files of payouts, and on the payouts in them."""

import strawberry

from engine.address_scalars import URL
from engine.arguments import IdempotencyKey
from engine.context import Info
from engine.mutation import mutation
from models.audit import AuditAct
from models.errors import KEYED, InvalidInput, NotFound
from models.payouts import files as rows
from models.payouts import payouts as payout_rows
from models.payouts.marks import PaidDraft
from models.validation import parse
from schema.payouts.inputs import (
    BankReference,
    FileCurrency,
    PayoutFileId,
    PayoutId,
)
from schema.payouts.types import Payout, PayoutFile
from services.payouts.files import files, marks
from services.payouts.files.links import PATH


@strawberry.type
class PayoutFileMutation:
    @mutation(
        payout_file=PayoutFile,
        personal=True,
        fresh=True,
        audit=AuditAct.CREATE_PAYOUT_FILE,
        raises=(rows.PayoutFilesOff, rows.NoPayoutsPlanned, *KEYED),
    )
    async def create_payout_file(
        self, info: Info, currency: FileCurrency, idempotency_key: IdempotencyKey
    ) -> rows.PayoutFile:
        """Put the payouts in a currency that wait for a file into one, the oldest first and at most
        500. Their money leaves the balances. Another admin approves it. Only admins can do this.
        """
        async with info.context.transaction() as session:
            return await files.create_payout_file(
                session,
                info.context.viewer,
                info.context.app.settings,
                currency=currency,
                idempotency_key=idempotency_key,
            )

    @mutation(
        payout_file=PayoutFile,
        personal=True,
        fresh=True,
        audit=AuditAct.APPROVE_PAYOUT_FILE,
        raises=(
            NotFound,
            rows.OtherAdminNeeded,
            payout_rows.OwnPayout,
            payout_rows.PayoutsHeld,
            payout_rows.InvalidPayoutState,
            *KEYED,
        ),
    )
    async def approve_payout_file(
        self, info: Info, payout_file_id: PayoutFileId, idempotency_key: IdempotencyKey
    ) -> rows.PayoutFile:
        """Approve a file that another admin has made: it can be downloaded and handed over to the
        bank. Only admins can do this.
        """
        async with info.context.transaction() as session:
            return await files.approve_payout_file(
                session,
                info.context.viewer,
                payout_file_id=payout_file_id,
                idempotency_key=idempotency_key,
            )

    @mutation(
        payout_file=PayoutFile,
        personal=True,
        audit=AuditAct.CANCEL_PAYOUT_FILE,
        raises=(NotFound, payout_rows.InvalidPayoutState),
        repeatable="keeps a file that was cancelled",
    )
    async def cancel_payout_file(self, info: Info, payout_file_id: PayoutFileId) -> rows.PayoutFile:
        """Cancel a file that is not approved: the money is in the balances again, and the schedules
        plan other payouts. Only admins can do this.
        """
        async with info.context.transaction() as session:
            return await files.cancel_payout_file(
                session, info.context.viewer, payout_file_id=payout_file_id
            )

    @mutation(
        url=URL,
        personal=True,
        fresh=True,
        audit=AuditAct.DOWNLOAD_PAYOUT_FILE,
        raises=(NotFound, payout_rows.InvalidPayoutState),
        repeatable="a link changes nothing",
    )
    async def create_payout_file_link(self, info: Info, payout_file_id: PayoutFileId) -> URL:
        """Return a link to a file that was approved. It works for 5 minutes, for this admin. Only
        admins can do this.
        """
        context = info.context
        async with context.transaction() as session:
            link = await files.link_payout_file(
                session, context.viewer, payout_file_id=payout_file_id
            )
        signed = link.sign(context.app.keys)
        return URL(f"{context.app.settings.address}{signed.under(PATH)}")

    @mutation(
        payout=Payout,
        personal=True,
        fresh=True,
        audit=AuditAct.MARK_PAYOUT_PAID,
        raises=(
            InvalidInput,
            NotFound,
            payout_rows.OwnPayout,
            payout_rows.InvalidPayoutState,
            payout_rows.PayoutReturnNoted,
            payout_rows.PayoutReferenceTaken,
            *KEYED,
        ),
    )
    async def mark_payout_paid(
        self,
        info: Info,
        payout_id: PayoutId,
        reference: BankReference,
        idempotency_key: IdempotencyKey,
    ) -> payout_rows.Payout:
        """Note that the bank has paid a payout of a file. Only admins can do this."""
        draft = parse(PaidDraft, reference=reference)
        async with info.context.transaction() as session:
            return await marks.mark_payout_paid(
                session,
                info.context.viewer,
                payout_id=payout_id,
                reference=draft.reference,
                idempotency_key=idempotency_key,
            )
