"""Builds conversations and their counters."""

from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from demo.dataset import Dataset
from demo.rng import SeededRandom
from models.chat.contacts import Contact
from models.chat.conversations import (
    Conversation,
    Inbox,
    InboxReader,
    MessageCounts,
    Participant,
    Side,
    SubjectKind,
)
from models.chat.messages import Message, MessageKind
from models.identity.accounts import User
from models.offers.offers import Offer
from models.redemptions import Voucher
from models.vendors import Vendor

ConversationSubject = Offer | Voucher | None


@dataclass
class ChatBuilder:
    rng: SeededRandom
    dataset: Dataset
    contacts: dict[tuple[UUID, UUID], Contact] = field(default_factory=dict)
    received: Counter[UUID] = field(default_factory=Counter)
    read: Counter[tuple[UUID, UUID]] = field(default_factory=Counter)

    def start(
        self,
        rng: SeededRandom,
        user: User,
        vendor: Vendor,
        subject: ConversationSubject,
        at: datetime,
    ) -> "ConversationBuilder":
        """Start a conversation, whose messages draw from a generator of its own."""
        pair = user.id, vendor.id
        if pair not in self.contacts:
            self.contacts[pair] = Contact(
                id=self.rng.uuid7_at(at), created_at=at, user_id=user.id, vendor_id=vendor.id
            )
        self.contacts[pair].conversations += 1
        kinds = {Offer: SubjectKind.OFFER, Voucher: SubjectKind.VOUCHER}
        conversation = Conversation(
            id=self.rng.uuid7_at(at),
            created_at=at,
            last_message_at=at,
            user_id=user.id,
            vendor_id=vendor.id,
            subject_kind=kinds[type(subject)] if subject else None,
            subject_id=subject.id if subject else None,
        )
        self.dataset.conversations.append(conversation)
        return ConversationBuilder(rng, self, conversation)

    def add_counters(self) -> None:
        """Add the counters, after the last conversation is complete."""
        self.dataset.contacts += self.contacts.values()
        self.dataset.chat_inboxes += [
            Inbox(owner_id=owner_id, received=count) for owner_id, count in self.received.items()
        ]
        self.dataset.inbox_readers += [
            InboxReader(owner_id=owner_id, user_id=user_id, read=count)
            for (owner_id, user_id), count in self.read.items()
        ]


class ConversationBuilder:
    def __init__(self, rng: SeededRandom, chat: ChatBuilder, conversation: Conversation) -> None:
        self.conversation = conversation
        self._rng = rng
        self._chat = chat
        self._messages: list[Message] = []

    def add_message(
        self,
        side: Side,
        sender_id: UUID,
        text: str,
        at: datetime,
        *,
        offer: Offer | None = None,
        is_reply: bool = False,
    ) -> None:
        conversation = self.conversation
        conversation.last_sequence += 1
        conversation.user_messages += side is Side.USER
        message = Message(
            id=self._rng.uuid7_at(at),
            created_at=at,
            conversation_id=conversation.id,
            sequence=conversation.last_sequence,
            side=side,
            sender_id=sender_id,
            kind=MessageKind.OFFER if offer else MessageKind.TEXT,
            offer_id=offer.id if offer else None,
            reply_to_id=self._messages[-1].id if is_reply and self._messages else None,
            client_message_id=f"demo-{conversation.last_sequence}",
            user_messages=conversation.user_messages,
        )
        message.change_text(text, conversation)
        self._messages.append(message)
        self._chat.dataset.messages.append(message)
        self._chat.received[conversation.inbox_owner(side.other)] += 1
        conversation.last_message_at = at
        conversation.record_response_times(side, at)

    def mark_read(self, side: Side, user_id: UUID, unread: int) -> None:
        """Mark all messages as delivered, and all except the last `unread` as read."""
        last = self.conversation.last_sequence
        if not last:
            return
        participant = Participant(conversation_id=self.conversation.id, user_id=user_id)
        if last > unread:
            from_user = self._messages[last - unread - 1].user_messages
            newly_read = participant.advance(side, MessageCounts(last - unread, from_user))
            self._chat.read[self.conversation.inbox_owner(side), user_id] += newly_read
        participant.delivered = last
        self.conversation.advance(side, participant)
        self._chat.dataset.participants.append(participant)
