"""Enums of refunds and of webhooks of providers in the GraphQL schema."""

from engine.enums import publish
from models.payments.events import WebhookState
from models.payments.refunds import (
    RefundPartState,
    RefundReason,
    RefundShare,
    RefundState,
)

__all__ = [
    "RefundPartState",
    "RefundReason",
    "RefundShare",
    "RefundState",
    "WebhookState",
]

publish(
    RefundReason,
    "The reason for a refund.",
    CANCELLED="The buyer has cancelled before the shipment.",
    REJECTED="The vendor cannot deliver.",
    RETURNED="The goods came back.",
    LATE_PAYMENT="The order was paid when it could no longer be confirmed.",
    PAID_TWICE="The order was paid by another payment before.",
    WRONG_AMOUNT="The money has another amount or currency than was due.",
    GOODWILL="The vendor refunds goods that the buyer keeps.",
)

publish(
    RefundState,
    "The state of a refund.",
    GRANTED="Decided. Nothing was sent yet.",
    SETTLING="The money is on its way back.",
    STUCK="A bank has not accepted the money, or it is on its way for too long. See `parts`.",
    SETTLED="All of the money was sent.",
)

publish(
    RefundPartState,
    "The state of a part of a refund.",
    PLANNED="Not sent yet. Transfers by hand are made by the platform.",
    SENT="The provider was asked to send it.",
    PENDING="The provider sends it. Banks can take some days.",
    SETTLED="The money was sent.",
    FAILED="The money did not arrive, or came back. Another part replaces it.",
)

publish(
    RefundShare,
    "The reason of an amount of a refund without units.",
    DELIVERY="The delivery of a vendor's part.",
    GOODWILL="Goodwill: a part of the price, or more.",
)

publish(
    WebhookState,
    "The state of a webhook of a payment provider.",
    RECEIVED="Stored. A job fetches its object.",
    APPLIED="The newest state of its object was followed.",
    IGNORED="It is of a kind that the server does not follow.",
    UNMATCHED="No payment, refund or payout has its object. Admins look at it.",
)
