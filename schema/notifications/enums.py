"""Enums of the domain `notifications` in the GraphQL schema."""

from engine.enums import publish
from models.notifications.deliveries import DeliveryState, SkipReason
from models.notifications.devices import Platform
from models.notifications.inbox import Channel, NotificationKind
from services.notifications.kinds import declared_kinds

__all__ = ["Channel", "DeliveryState", "NotificationKind", "Platform", "SkipReason"]

publish(
    Channel,
    "A channel for notifying users who are offline.",
    PUSH="A push message to each of the user's devices.",
    MAIL="An email to the account's address.",
)

publish(
    DeliveryState,
    "The state of a delivery.",
    WAITING="Not sent yet; it is queued, or will be retried.",
    SENT="Accepted by the provider.",
    SKIPPED="Not sent because it was no longer needed; `skipReason` is the reason.",
    FAILED="All attempts failed. The delivery is a dead letter.",
)

publish(
    NotificationKind,
    "The reason why a user is notified.",
    **{kind.name: declared.description for kind, declared in declared_kinds().items()},
)

publish(
    Platform,
    "The platform that an app runs on.",
    ANDROID="Android.",
    IOS="iOS or iPadOS.",
    WEB="A web browser.",
)

publish(
    SkipReason,
    "The reason why a delivery was skipped.",
    READ="The user has read it in the meantime, or the message was deleted.",
    UNWANTED="The user has turned off this kind on this channel.",
    NO_ADDRESS="The device was removed or belongs to another user now, or the account has no email"
    " address.",
    NO_PART="The conversation is blocked, the user is suspended, no longer takes part in it or"
    " follows the vendor, or the offer is not live.",
    SUPERSEDED="A later notification covers it.",
    DROPPED="An admin dropped it.",
)
