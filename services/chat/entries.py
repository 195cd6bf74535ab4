"""Journal entries of conversations."""

from dataclasses import dataclass
from uuid import UUID

from services.journal.entries import Entry


@dataclass(frozen=True)
class ConversationEntry(Entry):
    """A change of a conversation, with its customer's id.

    A vendor's topic repeats the customer's, so the inbox of a member who is that customer needs
    `user_id` to skip one of the two.
    """

    conversation_id: UUID
    user_id: UUID


@dataclass(frozen=True)
class ConversationStarted(ConversationEntry, kind="conversation.started"):
    """A conversation was created."""


@dataclass(frozen=True)
class ConversationUpdated(ConversationEntry, kind="conversation.updated"):
    """The state or assignee of a conversation changed."""


@dataclass(frozen=True)
class ConversationRead(ConversationEntry, kind="conversation.read"):
    """A reader's position moved. It is stored, so that a replay never moves back."""

    reader_id: UUID
    read: int
    delivered: int


@dataclass(frozen=True)
class MessageSent(ConversationEntry, kind="message.sent"):
    message_id: UUID
    sequence: int


@dataclass(frozen=True)
class MessageEdited(ConversationEntry, kind="message.edited"):
    message_id: UUID


@dataclass(frozen=True)
class MessageDeleted(ConversationEntry, kind="message.deleted"):
    message_id: UUID
