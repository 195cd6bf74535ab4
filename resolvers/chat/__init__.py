"""Conversations and all that belongs to them."""

import strawberry

from resolvers.chat.canned_replies import CannedReplyMutation
from resolvers.chat.conversations import ConversationMutation, ConversationQuery
from resolvers.chat.hours import ChatHoursMutation
from resolvers.chat.messages import MessageMutation
from resolvers.chat.reports import ReportMutation, ReportQuery


@strawberry.type
class ChatQuery(ConversationQuery, ReportQuery):
    pass


@strawberry.type
class ChatMutation(
    ConversationMutation, MessageMutation, ReportMutation, CannedReplyMutation, ChatHoursMutation
):
    pass
