"""Query and Mutation, put together from their domains."""

import strawberry

from resolvers.api_tokens import ApiTokenMutation
from resolvers.chat import ChatMutation, ChatQuery
from resolvers.desk import DeskMutation
from resolvers.identity import IdentityMutation, IdentityQuery
from resolvers.messages import MessageMutation, MessageQuery
from resolvers.node import NodeQuery
from resolvers.notification_deliveries import DeliveryMutation, DeliveryQuery
from resolvers.notifications import NotificationMutation
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
