"""Subscription, put together from its domains."""

import strawberry

from subscriptions.chat import ChatSubscription
from subscriptions.presence import PresenceSubscription
from subscriptions.redemptions import RedemptionSubscription


@strawberry.type(description="What can be watched. Each change has a cursor to resume from.")
class Subscription(ChatSubscription, PresenceSubscription, RedemptionSubscription):
    """Every domain's news."""
