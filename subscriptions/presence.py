"""Ephemeral state: typing users of a conversation, and presence of users."""

from collections.abc import AsyncGenerator, Collection, Hashable, Sequence
from dataclasses import dataclass
from typing import Annotated, Any
from uuid import UUID

import strawberry

from core.errors import BadInput
from core.statements.shared_reads import SharedReads
from core.topics import topic_id
from dataloaders.identity import user_by_id
from engine.context import Info
from engine.ids import id_of, ids_of
from engine.live.sources import Snapshot, StateSource
from engine.live.subscribe import subscribe_to_state
from engine.request_loaders import Loaders
from engine.types import subscription
from schema.chat.changes import Presence, TypingUsers
from services.chat.presence import EphemeralState, presence_topic, typing_topic
from services.subscription_access import is_third_party, non_contacts, non_participants
from services.viewer import Viewer

MAX_USERS = 100


@strawberry.type
class PresenceSubscription:
    @subscription(
        "The users that are typing in a conversation, including the viewer on another device."
        " Sends the current state first, then each change. For its participants.",
        domain="chat",
    )
    async def typing(
        self,
        info: Info,
        conversation_id: Annotated[
            UUID, id_of("Conversation", "A conversation that the viewer takes part in.")
        ],
    ) -> AsyncGenerator[TypingUsers, None]:
        source = TypingSource(conversation_id)
        return await subscribe_to_state(info, source)

    @subscription(
        "Whether users are online. Sends the current state of each user first, then each change.",
        domain="chat",
    )
    async def presence(
        self,
        info: Info,
        user_ids: Annotated[
            list[UUID],
            ids_of(
                "User",
                f"At most {MAX_USERS} users: the viewer, and users that the viewer can"
                " see and shares an unblocked conversation with.",
            ),
        ],
    ) -> AsyncGenerator[Presence, None]:
        if not 1 <= len(user_ids) <= MAX_USERS:
            raise BadInput("Choose between 1 and {most} users.", most=MAX_USERS)
        return await subscribe_to_state(info, PresenceSource(frozenset(user_ids)))


@dataclass(frozen=True)
class TypingSource(StateSource[TypingUsers]):
    """The users that are typing in a conversation, the same for all participants."""

    conversation_id: UUID

    @property
    def topics(self) -> Sequence[str]:
        return [typing_topic(self.conversation_id)]

    def audience(self, viewer: Viewer) -> Hashable:
        return "participants"

    async def unauthorized(
        self, reads: SharedReads, user_ids: Collection[UUID]
    ) -> Collection[UUID]:
        return await non_participants(reads, self.conversation_id, user_ids, admins=False)

    async def is_outside_role(self, reads: SharedReads, viewer: Viewer) -> bool:
        return await is_third_party(reads, self.conversation_id, viewer)

    async def read(self, state: EphemeralState, topic: str) -> Snapshot:
        found = await state.typing.of(self.conversation_id)
        return Snapshot(frozenset(found), min(found.values(), default=None))

    async def change(self, loaders: Loaders, topic: str, value: Any) -> TypingUsers:
        users: list[Any] = await loaders[user_by_id].load_many(sorted(value))
        return TypingUsers(users=[user for user in users if user])


@dataclass(frozen=True)
class PresenceSource(StateSource[Presence]):
    """The presence of some users, the same for all viewers that may see all of them."""

    user_ids: frozenset[UUID]

    @property
    def topics(self) -> Sequence[str]:
        return [presence_topic(user_id) for user_id in sorted(self.user_ids)]

    def audience(self, viewer: Viewer) -> Hashable:
        return "contacts"

    async def unauthorized(
        self, reads: SharedReads, user_ids: Collection[UUID]
    ) -> Collection[UUID]:
        return await non_contacts(reads, self.user_ids, user_ids)

    async def read(self, state: EphemeralState, topic: str) -> Snapshot:
        user_id = topic_id(topic)
        found = (await state.presence.of([user_id]))[user_id]
        last_seen_at = None if found.online else found.last_seen_at
        return Snapshot((found.online, last_seen_at), found.holds)

    async def change(self, loaders: Loaders, topic: str, value: Any) -> Presence:
        online, last_seen_at = value
        user: Any = await loaders[user_by_id].load(topic_id(topic))
        return Presence(user=user, online=online, last_seen_at=last_seen_at)
