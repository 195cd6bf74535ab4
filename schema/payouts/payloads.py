"""Payloads of mutations of payouts with several fields."""

import strawberry

from engine.address_scalars import URL
from engine.errors.conversion import Payload
from schema.payouts.types import PayoutAccount


@strawberry.type(description="The result of the mutation `startPayoutOnboarding`.")
class StartPayoutOnboardingPayload(Payload):
    payout_account: PayoutAccount | None = strawberry.field(
        default=None, description="The account."
    )
    url: URL | None = strawberry.field(
        default=None,
        description="The provider's page, on which the vendor enters its details. It can be opened"
        " once, and soon: call the mutation again for another one.",
    )
