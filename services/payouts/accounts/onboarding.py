"""Starts the onboarding of a vendor at a provider, whose page asks for its account.

The provider is asked between two transactions. A second call continues what has begun.
"""

from typing import NamedTuple
from uuid import UUID

from core.security.sealed import Sealer
from gateways.payments.errors import PaymentProviderError
from models.payouts.accounts import PayoutAccount, PayoutProviderFailed, PayoutRail
from services.payouts.accounts.accounts import begin_onboarding
from services.payouts.polling import register_account
from services.payouts.rails import RailOffers
from services.transaction import OpenTransaction
from services.viewer import Viewer


class OnboardingPage(NamedTuple):
    """The page of the provider on which a vendor completes its account. It can be opened once."""

    account: PayoutAccount
    url: str


async def start_payout_onboarding(
    transaction: OpenTransaction,
    viewer: Viewer,
    sealer: Sealer,
    offers: RailOffers,
    *,
    vendor_id: UUID,
    rail: PayoutRail,
    return_url: str,
) -> OnboardingPage:
    """Open an account at a provider, or the one that has begun, and return the page for it.

    Raises `RailNotOffered`, `NotFound`, and `PayoutProviderFailed`.
    """
    async with transaction() as session:
        begun = await begin_onboarding(session, viewer, offers, vendor_id=vendor_id, rail=rail)
    gateway = offers.gateways[rail.provider] if rail.provider else None
    try:
        reference = await register_account(transaction, offers.gateways, sealer, begun.account.id)
        if reference is None or gateway is None:
            raise PayoutProviderFailed
        url = await gateway.onboarding_url(reference, return_url=return_url)
    except PaymentProviderError as error:
        raise PayoutProviderFailed from error
    return OnboardingPage(begun.account, url)
