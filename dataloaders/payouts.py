"""Loaders of payouts, their accounts and files, and lines of providers."""

from collections.abc import Mapping, Sequence
from uuid import UUID

from sqlmodel.ext.asyncio.session import AsyncSession

from engine.loaders import Loader, by_id, children, in_session, visible
from models.payouts.accounts import PayoutAccount
from models.payouts.files import PayoutFile
from models.payouts.payouts import Payout
from models.payouts.reconciliation import ProviderTransaction
from services.payouts.access import (
    visible_payout_accounts,
    visible_payout_files,
    visible_payouts,
)
from services.payouts.balances import VendorBalance, find_vendor_balance
from services.payouts.reconciliation.discrepancies import visible_provider_transactions
from services.viewer import Viewer


async def _balances(
    session: AsyncSession, _: Viewer, vendor_ids: Sequence[UUID]
) -> Mapping[UUID, VendorBalance | None]:
    return {id: await find_vendor_balance(session, id) for id in vendor_ids}


payout_by_id = by_id(Payout)
visible_payout = visible(Payout, visible_payouts)
visible_payout_account = visible(PayoutAccount, visible_payout_accounts)
visible_payout_file = visible(PayoutFile, visible_payout_files)
visible_provider_transaction = visible(ProviderTransaction, visible_provider_transactions)
# For subscribers, who follow one vendor each.
balance_of_vendor: Loader[UUID, VendorBalance | None] = Loader(in_session(_balances), None)
payouts_of_file = children(Payout, "file_id", visible_payouts)
