"""Conversations and all that belongs to them."""

import strawberry

from resolvers.chat.conversations import ConversationMutation, ConversationQuery
from resolvers.chat.messages import MessageMutation
from resolvers.chat.reports import ReportMutation, ReportQuery
from resolvers.chat.vendor_tools import VendorToolsMutation


@strawberry.type
class ChatQuery(ConversationQuery, ReportQuery):
    pass


@strawberry.type
class ChatMutation(ConversationMutation, MessageMutation, ReportMutation, VendorToolsMutation):
    pass
