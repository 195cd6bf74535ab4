"""Which followers are told the same, in this process."""

import asyncio
import dataclasses
from collections import OrderedDict
from collections.abc import Coroutine, Hashable, Mapping
from contextvars import copy_context
from typing import Any, TypeVar
from uuid import uuid4

from asgi_correlation_id import correlation_id

from core import metrics
from core.pubsub import PubSub
from engine.live.execution import ChangeExecutor
from engine.live.journal_group import JournalGroup
from engine.live.operation_key import Operation
from engine.live.sources import AcceptedSubscription, StateSource, SubscriptionSource
from engine.live.state_group import StateCache, StateGroup
from engine.live.subscriber import Subscriber
from engine.live.subscriber_group import SubscriberGroup
from services.journal.feed import Feed
from services.viewer import Viewer

REMEMBERED = 500
AT_ONCE = 12
Result = TypeVar("Result")


class GroupRegistry:
    """Those who ask the same of the same source, in one language and as one audience."""

    def __init__(self, teller: ChangeExecutor, feed: Feed, pubsub: PubSub) -> None:
        self.known: dict[Hashable, SubscriberGroup] = {}
        # Thousands who subscribe at once wait here, before each of them has an execution.
        self.beginnings = asyncio.Semaphore(AT_ONCE)
        self._teller = teller
        self._feed = feed
        self._standings = StateCache(pubsub)
        self._personal: OrderedDict[Operation, None] = OrderedDict()
        self._tasks: set[asyncio.Task[Any]] = set()

    async def join(
        self, follower: Subscriber, following: AcceptedSubscription, operation: Operation
    ) -> None:
        """Have a follower told of all that comes behind its places."""
        group = self._group_for(follower, following.source, operation)
        await group.join(follower, dict(following.positions))

    def move(self, follower: Subscriber, group: SubscriberGroup, places: Mapping[str, int]) -> None:
        """To a group for its viewer alone, since the answer is another for each."""
        self._personal[group.operation] = None
        if len(self._personal) > REMEMBERED:
            self._personal.popitem(last=False)
        mine = self._group_for(follower, group.source, group.operation)
        self.start(mine.join(follower, dict(places)))

    def start(self, work: Coroutine[Any, Any, Result]) -> asyncio.Task[Result]:
        """A task that is held until it is done, and known in the logs by an id of its own."""
        context = copy_context()
        context.run(correlation_id.set, uuid4().hex)
        task = asyncio.create_task(work, context=context)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return task

    def drop(self, group: SubscriberGroup) -> None:
        if self.known.get(group.key) is group:
            del self.known[group.key]

    async def stop(self) -> None:
        """End what is under way. Sockets and streams have been closed before."""
        for task in tuple(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def _group_for(
        self, follower: Subscriber, source: SubscriptionSource, operation: Operation
    ) -> SubscriberGroup:
        viewer = None
        if operation in self._personal:
            viewer = dataclasses.replace(follower.viewer, session_id=None, problem=None)
        key = (source, source.audience(follower.viewer), operation, viewer)
        group = self.known.get(key)
        if group is None:
            group = self._made(key, source, operation, viewer)
            self.known[key] = group
        group.followers.add(follower)
        metrics.FOLLOWERS.inc()
        follower.group = group
        return group

    def _made(
        self, key: Hashable, source: SubscriptionSource, operation: Operation, viewer: Viewer | None
    ) -> SubscriberGroup:
        given = (key, source, operation, viewer)
        if isinstance(source, StateSource):
            return StateGroup(self, self._teller, *given, self._standings)
        return JournalGroup(self, self._teller, *given, self._feed)
