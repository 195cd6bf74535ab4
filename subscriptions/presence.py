"""Who is typing, and who is there."""

from collections.abc import AsyncGenerator, Collection, Hashable, Sequence
from dataclasses import dataclass
from typing import Annotated, Any
from uuid import UUID

import strawberry
from sqlmodel.ext.asyncio.session import AsyncSession
from strawberry import relay

from core.errors import BadInput
from dataloaders.identity import user_by_id
from engine.context import AppState, Context, Info
from engine.live.sources import Snapshot, StateSource, watch
from engine.types import decode_id, subscription
from schema.chat.changes import Presence, TypingUsers
from schema.chat.conversations import Conversation
from schema.identity.types import User
from services.chat import presence
from services.subscription_access import outsiders, unacquainted
from services.viewer import Viewer

MOST = 100


@strawberry.type
class PresenceSubscription:
    """Nothing of it is kept, so there is nothing to resume."""

    @subscription("Who is typing in a conversation, the viewer's other devices included.")
    async def typing(
        self,
        info: Info,
        conversation_id: Annotated[
            relay.GlobalID,
            strawberry.argument(description="A conversation that the viewer takes part in."),
        ],
    ) -> AsyncGenerator[TypingUsers, None]:
        return await watch(info, TypingSource(decode_id(conversation_id, Conversation)))

    @subscription("Whether people are there: each as it is now, and again when it changes.")
    async def presence(
        self,
        info: Info,
        user_ids: Annotated[
            list[relay.GlobalID],
            strawberry.argument(
                description=f"At most {MOST}: oneself, and people one sees and shares a"
                " conversation with that nobody blocks."
            ),
        ],
    ) -> AsyncGenerator[Presence, None]:
        ids = frozenset(decode_id(id, User) for id in user_ids)
        if not 1 <= len(user_ids) <= MOST:
            raise BadInput("Pass between 1 and {most} users.", most=MOST)
        return await watch(info, PresenceSource(ids))


@dataclass(frozen=True)
class TypingSource(StateSource[TypingUsers]):
    """The same for all who take part."""

    conversation_id: UUID

    @property
    def topics(self) -> Sequence[str]:
        return [presence.typing_topic(self.conversation_id)]

    def audience(self, viewer: Viewer) -> Hashable:
        return "participants"

    async def unauthorized(
        self, session: AsyncSession, user_ids: Collection[UUID]
    ) -> Collection[UUID]:
        return await outsiders(session, self.conversation_id, user_ids, admins=False)

    async def read(self, app: AppState, topic: str) -> Snapshot:
        found = await app.typing.of(self.conversation_id)
        return Snapshot(frozenset(found), min(found.values(), default=None))

    async def change(self, context: Context, topic: str, value: Any) -> TypingUsers:
        users: list[Any] = await context.loaders[user_by_id].load_many(sorted(value))
        return TypingUsers(users=[user for user in users if user])


@dataclass(frozen=True)
class PresenceSource(StateSource[Presence]):
    """The same for all who may see these people."""

    user_ids: frozenset[UUID]

    @property
    def topics(self) -> Sequence[str]:
        return [presence.topic(user_id) for user_id in sorted(self.user_ids)]

    def audience(self, viewer: Viewer) -> Hashable:
        return "acquainted"

    async def unauthorized(
        self, session: AsyncSession, user_ids: Collection[UUID]
    ) -> Collection[UUID]:
        return await unacquainted(session, self.user_ids, user_ids)

    async def read(self, app: AppState, topic: str) -> Snapshot:
        user_id = presence.user_of(topic)
        found = (await app.presence.of([user_id]))[user_id]
        last_seen_at = None if found.online else found.last_seen_at
        return Snapshot((found.online, last_seen_at), found.holds)

    async def change(self, context: Context, topic: str, value: Any) -> Presence:
        online, last_seen_at = value
        user: Any = await context.loaders[user_by_id].load(presence.user_of(topic))
        return Presence(user=user, online=online, last_seen_at=last_seen_at)
