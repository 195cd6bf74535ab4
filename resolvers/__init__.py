"""Query and Mutation, put together from their domains."""

import strawberry

from resolvers.api_tokens import ApiTokenMutation
from resolvers.chat.conversations import ChatMutation, ChatQuery
from resolvers.chat.desk import DeskMutation
from resolvers.chat.messages import MessageMutation, MessageQuery
from resolvers.identity import IdentityMutation, IdentityQuery
from resolvers.node import NodeQuery
from resolvers.notifications.dead_letters import DeliveryMutation, DeliveryQuery
from resolvers.notifications.notifications import NotificationMutation
from resolvers.offers import OfferMutation, OfferQuery
from resolvers.redemptions import RedemptionMutation, RedemptionQuery
from resolvers.uploads import UploadMutation
from resolvers.vendors import VendorQuery


@strawberry.type(description="What can be read. Root fields run side by side.")
class Query(
    NodeQuery,
    IdentityQuery,
    VendorQuery,
    OfferQuery,
    RedemptionQuery,
    ChatQuery,
    MessageQuery,
    DeliveryQuery,
):
    """Every domain's questions."""


@strawberry.type(description="What can be done. Root fields run one after another.")
class Mutation(
    IdentityMutation,
    ApiTokenMutation,
    OfferMutation,
    RedemptionMutation,
    ChatMutation,
    MessageMutation,
    DeskMutation,
    UploadMutation,
    NotificationMutation,
    DeliveryMutation,
):
    """Every domain's deeds."""
