"""Root fields of the domain `payments`."""

import strawberry

from resolvers.payments.events import WebhookEventMutation, WebhookEventQuery
from resolvers.payments.listing import ListingQuery
from resolvers.payments.methods import PaymentMethodMutation, PaymentMethodQuery
from resolvers.payments.paying import PayingMutation, PayingQuery
from resolvers.payments.recording import RecordingMutation

__all__ = ["PaymentMutation", "PaymentQuery"]


@strawberry.type
class PaymentQuery(PayingQuery, PaymentMethodQuery, WebhookEventQuery, ListingQuery):
    pass


@strawberry.type
class PaymentMutation(
    RecordingMutation, PayingMutation, PaymentMethodMutation, WebhookEventMutation
):
    pass
