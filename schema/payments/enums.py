"""Enums of refunds and of events of providers in the GraphQL schema."""

from engine.enums import publish
from models.payments.events import WebhookState
from models.payments.refunds import RefundReason, RefundState

__all__ = ["RefundReason", "RefundState", "WebhookState"]

publish(
    RefundReason,
    "The reason for a refund.",
    CANCELLED="The buyer has cancelled before the shipment.",
    REJECTED="The vendor cannot deliver.",
    RETURNED="The goods came back.",
    LATE_PAYMENT="The order was paid when it could no longer be confirmed.",
    PAID_TWICE="The order was paid by another payment before.",
    WRONG_AMOUNT="What came in has another amount or currency.",
    GOODWILL="The vendor refunds goods that the buyer keeps.",
)

publish(
    RefundState,
    "The state of a refund.",
    GRANTED="Decided. The money is on its way back, in part or whole.",
    SETTLED="All of the money was sent.",
)

publish(
    WebhookState,
    "What became of an event of a payment provider.",
    RECEIVED="Stored. A job fetches its object.",
    APPLIED="The newest state of its object was followed.",
    IGNORED="It is about nothing that is of interest here.",
    UNMATCHED="Its object belongs to nothing here. Admins look at it.",
)
