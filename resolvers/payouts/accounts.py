"""Mutations of owners on the payouts of their vendors."""

from typing import Annotated

import strawberry

from engine.address_scalars import URL
from engine.arguments import IdempotencyKey
from engine.context import Info
from engine.mutation import mutation
from models.audit import AuditAct
from models.errors import KEYED, InvalidInput, NotFound
from models.payouts import accounts as rows
from models.payouts import payouts as payout_rows
from models.payouts.payouts import PayoutDraft
from models.validation import parse
from schema.payouts.enums import PayoutSchedule
from schema.payouts.inputs import AmountMinor, PayoutId, Rail, SetPayoutAccountInput, VendorId
from schema.payouts.payloads import StartPayoutOnboardingPayload
from schema.payouts.types import Payout, PayoutAccount, VendorBalance
from services.payouts import balances, planning
from services.payouts.accounts import accounts, onboarding, terms
from services.payouts.rails import RailOffers

ReturnUrl = Annotated[
    str | None,
    strawberry.argument(
        description="The page or app to which the provider sends the owner back, one of those that"
        " the server allows. Defaults to the server's own page."
    ),
]
Schedule = Annotated[PayoutSchedule, strawberry.argument(description="The schedule.")]


@strawberry.type
class PayoutAccountMutation:
    @mutation(
        personal=True,
        fresh=True,
        audit=AuditAct.SET_PAYOUT_ACCOUNT,
        raises=(InvalidInput, NotFound, rows.RailNotOffered, rows.PayoutProviderFailed),
        repeatable="continues the onboarding that has begun",
    )
    async def start_payout_onboarding(
        self, info: Info, vendor_id: VendorId, rail: Rail, return_url: ReturnUrl = None
    ) -> StartPayoutOnboardingPayload:
        """Open an account for a vendor at a provider, and return the provider's page that asks for
        the details. A former account on another rail is closed, and all owners are notified.
        Requires the OWNER role.
        """
        context = info.context
        context.app.ways_to_pay.ensure_return_url(return_url)
        page = await onboarding.start_payout_onboarding(
            context.transaction,
            context.viewer,
            context.app.sealer,
            RailOffers(context.app.payments),
            vendor_id=vendor_id,
            rail=rail,
            return_url=return_url or context.app.settings.address,
        )
        return StartPayoutOnboardingPayload(
            payout_account=PayoutAccount.wrap(page.account), url=URL(page.url)
        )

    @mutation(
        payout_account=PayoutAccount,
        personal=True,
        fresh=True,
        audit=AuditAct.SET_PAYOUT_ACCOUNT,
        raises=(InvalidInput, NotFound, rows.RailNotOffered, *KEYED),
    )
    async def set_payout_account(
        self, info: Info, input: SetPayoutAccountInput
    ) -> rows.PayoutAccount:
        """Set the bank account into which a vendor is paid out. It gets money after 48 hours, and
        all owners are notified. Payouts that are planned into the former one are cancelled.
        Requires the OWNER role.
        """
        draft = input.draft()
        async with info.context.transaction() as session:
            return await accounts.set_payout_account(
                session,
                info.context.viewer,
                info.context.app.sealer,
                RailOffers(info.context.app.payments),
                vendor_id=input.vendor_id,
                draft=draft,
                idempotency_key=input.idempotency_key,
            )

    @mutation(
        payout_account=PayoutAccount,
        personal=True,
        fresh=True,
        audit=AuditAct.CLOSE_PAYOUT_ACCOUNT,
        raises=(NotFound, rows.PayoutAccountMissing),
        repeatable="a second one finds no account",
    )
    async def close_payout_account(self, info: Info, vendor_id: VendorId) -> rows.PayoutAccount:
        """Close the payout account of a vendor: it is paid out no more until another one is set.
        Requires the OWNER role.
        """
        async with info.context.transaction() as session:
            return await accounts.close_payout_account(
                session, info.context.viewer, vendor_id=vendor_id
            )

    @mutation(
        payout=Payout,
        personal=True,
        audit=AuditAct.REQUEST_PAYOUT,
        raises=(
            InvalidInput,
            NotFound,
            rows.PayoutAccountMissing,
            rows.PayoutAccountNotReady,
            payout_rows.PayoutsHeld,
            payout_rows.PayoutOpen,
            payout_rows.PayoutTooSmall,
            payout_rows.PayoutTooLarge,
            *KEYED,
        ),
    )
    async def request_payout(
        self,
        info: Info,
        vendor_id: VendorId,
        idempotency_key: IdempotencyKey,
        amount_minor: AmountMinor = None,
    ) -> payout_rows.Payout:
        """Plan a payout of what is available to a vendor. It becomes smaller if refunds lower the
        balance before it is sent. Requires the OWNER role.
        """
        draft = parse(PayoutDraft, amount=amount_minor)
        async with info.context.transaction() as session:
            return await planning.request_payout(
                session,
                info.context.viewer,
                vendor_id=vendor_id,
                amount=draft.amount,
                idempotency_key=idempotency_key,
            )

    @mutation(
        payout=Payout,
        personal=True,
        audit=AuditAct.CANCEL_PAYOUT,
        raises=(NotFound, payout_rows.InvalidPayoutState),
        repeatable="keeps a payout that was cancelled",
    )
    async def cancel_payout(self, info: Info, payout_id: PayoutId) -> payout_rows.Payout:
        """Cancel a payout that is PLANNED. The money is still in the balance, and a schedule other
        than MANUAL plans another one. Requires the OWNER role.
        """
        async with info.context.transaction() as session:
            return await planning.cancel_payout(session, info.context.viewer, payout_id=payout_id)

    @mutation(
        vendor_balance=VendorBalance,
        personal=True,
        raises=(NotFound,),
        repeatable="sets a value",
    )
    async def set_payout_schedule(
        self, info: Info, vendor_id: VendorId, schedule: Schedule
    ) -> balances.VendorBalance | None:
        """Choose when a vendor is paid out. Requires the OWNER role."""
        async with info.context.transaction() as session:
            await terms.set_payout_schedule(
                session, info.context.viewer, vendor_id=vendor_id, schedule=schedule
            )
            await session.flush()
            return await balances.find_vendor_balance(session, vendor_id)
