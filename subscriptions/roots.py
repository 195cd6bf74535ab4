"""Subscription, put together from its domains."""

import strawberry

from subscriptions.redemptions import RedemptionSubscription


@strawberry.type(description="What can be watched. Each change has a cursor to resume from.")
class Subscription(RedemptionSubscription):
    """Every domain's news."""
