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
from schema.base import key, watched
from schema.chat import Conversation
from schema.chat_changes import Presence, Typists
from schema.context import Context, House, Info
from schema.identity import User
from services import presence
from services.following import outsiders, unacquainted
from services.viewer import Viewer
from subscriptions.changes import Standing, State, watch

MOST = 100


@strawberry.type
class PeopleSubscription:
    """Nothing of it is kept, so there is nothing to resume."""

    @watched("Who is typing in a conversation, the viewer's other devices included.")
    async def typing(
        self,
        info: Info,
        conversation_id: Annotated[
            relay.GlobalID,
            strawberry.argument(description="A conversation that the viewer takes part in."),
        ],
    ) -> AsyncGenerator[Typists, None]:
        return await watch(info, Typing(key(conversation_id, Conversation)))

    @watched("Whether people are there: each as it is now, and again when it changes.")
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
        ids = frozenset(key(id, User) for id in user_ids)
        if not 1 <= len(user_ids) <= MOST:
            raise BadInput("Name between 1 and {most} people.", most=MOST)
        return await watch(info, Present(ids))


@dataclass(frozen=True)
class Typing(State[Typists]):
    """The same for all who take part."""

    conversation_id: UUID

    @property
    def topics(self) -> Sequence[str]:
        return [presence.typing_topic(self.conversation_id)]

    def audience(self, viewer: Viewer) -> Hashable:
        return "participants"

    async def withdrawn(
        self, session: AsyncSession, user_ids: Collection[UUID]
    ) -> Collection[UUID]:
        return await outsiders(session, self.conversation_id, user_ids, admins=False)

    async def read(self, house: House, topic: str) -> Standing:
        found = await house.typing.of(self.conversation_id)
        return Standing(frozenset(found), min(found.values(), default=None))

    async def change(self, context: Context, topic: str, value: Any) -> Typists:
        users: list[Any] = await context.loaders[user_by_id].load_many(sorted(value))
        return Typists(users=[user for user in users if user])


@dataclass(frozen=True)
class Present(State[Presence]):
    """The same for all who may see these people."""

    user_ids: frozenset[UUID]

    @property
    def topics(self) -> Sequence[str]:
        return [presence.topic(user_id) for user_id in sorted(self.user_ids)]

    def audience(self, viewer: Viewer) -> Hashable:
        return "acquainted"

    async def withdrawn(
        self, session: AsyncSession, user_ids: Collection[UUID]
    ) -> Collection[UUID]:
        return await unacquainted(session, self.user_ids, user_ids)

    async def read(self, house: House, topic: str) -> Standing:
        user_id = presence.user_of(topic)
        found = (await house.presence.of([user_id]))[user_id]
        last_seen_at = None if found.online else found.last_seen_at
        return Standing((found.online, last_seen_at), found.holds)

    async def change(self, context: Context, topic: str, value: Any) -> Presence:
        online, last_seen_at = value
        user: Any = await context.loaders[user_by_id].load(presence.user_of(topic))
        return Presence(user=user, online=online, last_seen_at=last_seen_at)
