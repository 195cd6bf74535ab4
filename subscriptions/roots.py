"""Subscription, put together from its domains."""

import strawberry

from subscriptions.chat import ChatSubscription
from subscriptions.people import PeopleSubscription
from subscriptions.redemptions import RedemptionSubscription


@strawberry.type(description="What can be watched. Each change has a cursor to resume from.")
class Subscription(ChatSubscription, PeopleSubscription, RedemptionSubscription):
    """Every domain's news."""
