"""One conversation while it is drawn, with all that is counted beside its messages."""

from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from demo.chance import Chance
from demo.rows import Town
from models.chat.conversations import (
    Contact,
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

Subject = Offer | Voucher | None


@dataclass
class Talks:
    """Begins conversations, and keeps what is counted over all of them."""

    chance: Chance
    town: Town
    contacts: dict[tuple[UUID, UUID], Contact] = field(default_factory=dict)
    received: Counter[UUID] = field(default_factory=Counter)
    read: Counter[tuple[UUID, UUID]] = field(default_factory=Counter)

    def begin(self, user: User, vendor: Vendor, subject: Subject, at: datetime) -> "Talk":
        pair = user.id, vendor.id
        if pair not in self.contacts:
            self.contacts[pair] = Contact(
                id=self.chance.id_at(at), created_at=at, user_id=user.id, vendor_id=vendor.id
            )
        self.contacts[pair].conversations += 1
        kinds = {Offer: SubjectKind.OFFER, Voucher: SubjectKind.VOUCHER}
        conversation = Conversation(
            id=self.chance.id_at(at),
            created_at=at,
            last_message_at=at,
            user_id=user.id,
            vendor_id=vendor.id,
            subject_kind=kinds[type(subject)] if subject else None,
            subject_id=subject.id if subject else None,
        )
        self.town.conversations.append(conversation)
        return Talk(self, conversation)

    def settle(self) -> None:
        """What is counted becomes rows, once all has been said and read."""
        self.town.contacts += self.contacts.values()
        self.town.received += [
            Inbox(owner_id=owner_id, received=number) for owner_id, number in self.received.items()
        ]
        self.town.readers += [
            InboxReader(owner_id=owner_id, user_id=user_id, read=number)
            for (owner_id, user_id), number in self.read.items()
        ]


class Talk:
    """Says and reads as the services do."""

    def __init__(self, talks: Talks, conversation: Conversation) -> None:
        self.conversation = conversation
        self._talks = talks
        self._said: list[Message] = []

    def say(
        self,
        side: Side,
        sender_id: UUID,
        text: str,
        at: datetime,
        *,
        offer: Offer | None = None,
        answers: bool = False,
    ) -> None:
        """The next message; as a reply to the last one, if it `answers` that."""
        conversation = self.conversation
        conversation.last_sequence += 1
        conversation.user_messages += side is Side.USER
        message = Message(
            id=self._talks.chance.id_at(at),
            created_at=at,
            conversation_id=conversation.id,
            sequence=conversation.last_sequence,
            side=side,
            sender_id=sender_id,
            kind=MessageKind.OFFER if offer else MessageKind.TEXT,
            text=text,
            offer_id=offer.id if offer else None,
            reply_to_id=self._said[-1].id if answers and self._said else None,
            client_message_id=f"demo-{conversation.last_sequence}",
            user_messages=conversation.user_messages,
        )
        self._said.append(message)
        self._talks.town.messages.append(message)
        self._talks.received[conversation.owner_of(side.other)] += 1
        conversation.last_message_at = at
        conversation.record_response_times(side, at)

    def read(self, side: Side, person_id: UUID, but: int) -> None:
        """Somebody has everything that was said, and has read all `but` so many of the last."""
        last = self.conversation.last_sequence
        if not last:
            return
        place = Participant(conversation_id=self.conversation.id, user_id=person_id)
        if last > but:
            users = self._said[last - but - 1].user_messages
            newly = place.move(side, MessageCounts(last - but, users))
            self._talks.read[self.conversation.owner_of(side), person_id] += newly
        place.delivered = last
        self.conversation.move(side, place)
        self._talks.town.places.append(place)
