"""Enums of the domain `packs` in the GraphQL schema."""

from engine.enums import publish
from models.packs.packs import PackState, QuotaUnit
from models.packs.subscriptions import PackSubscriptionState, PeriodKind

__all__ = ["PackState", "PackSubscriptionState", "PeriodKind", "QuotaUnit"]

publish(
    QuotaUnit,
    "The use of the units of a pack.",
    OFFER="Publishing offers: the first time an offer is published takes a unit.",
    MESSAGE="Sending messages of campaigns.",
)

publish(
    PackState,
    "The state of a pack.",
    ACTIVE="It is sold.",
    RETIRED="It is no longer sold. Subscriptions to it go on.",
)

publish(
    PackSubscriptionState,
    "The state of a subscription to a pack.",
    ACTIVE="It begins another period when the present one ends.",
    PAST_DUE="The present period is not paid. It is charged again for a week.",
    CANCELLED="It has ended.",
)

publish(
    PeriodKind,
    "The reason why a period of a subscription began.",
    RENEWAL="The subscription was started, or the period before has ended.",
    UPGRADE="The vendor has chosen a dearer pack.",
)
