"""Finds the group of each subscriber, and holds the groups of this process."""

import asyncio
import dataclasses
from collections import OrderedDict
from collections.abc import Coroutine, Hashable
from contextvars import copy_context
from functools import partial
from typing import Any, TypeVar
from uuid import uuid4

from asgi_correlation_id import correlation_id

from core.redis.pubsub import PubSub
from engine.live.execution import ChangeExecutor
from engine.live.journal_producer import JournalProducer
from engine.live.operation_key import OperationKey
from engine.live.sources import AcceptedSubscription, StateSource, SubscriptionSource
from engine.live.state_cache import StateCache
from engine.live.state_producer import StateProducer
from engine.live.subscriber import Position, Subscriber
from engine.live.subscriber_group import Producer, SubscriberGroup
from services.journal.feed import Feed
from services.viewer import Viewer

# Operations that turned out to depend on the viewer. A forgotten one costs one execution in vain.
MAX_REMEMBERED_OPERATIONS = 500
MAX_CONCURRENT_STARTS = 50
Result = TypeVar("Result")


@dataclasses.dataclass(frozen=True)
class RegistryStats:
    groups: int
    subscribers: int
    live: int
    watched_states: int


class GroupRegistry:
    """Groups subscribers by source, audience and operation, which includes the languages."""

    def __init__(self, executor: ChangeExecutor, feed: Feed, pubsub: PubSub) -> None:
        # Thousands of subscriptions can start at once, after a restart. They wait here before
        # each has an execution: the executions' memory was fragmented by the long-lived
        # subscribers that they left behind (ADR 9). So many share their statements.
        self.start_limiter = asyncio.Semaphore(MAX_CONCURRENT_STARTS)
        self.executor = executor
        self._groups: dict[Hashable, SubscriberGroup] = {}
        self._feed = feed
        self._states = StateCache(pubsub)
        self._viewer_dependent: OrderedDict[OperationKey, None] = OrderedDict()
        self._tasks: set[asyncio.Task[Any]] = set()

    @property
    def groups(self) -> list[SubscriberGroup]:
        return list(self._groups.values())

    def stats(self) -> RegistryStats:
        groups = [group.stats() for group in self.groups]
        return RegistryStats(
            groups=len(groups),
            subscribers=sum(group.subscribers for group in groups),
            live=sum(group.live for group in groups),
            watched_states=len(self._states),
        )

    async def join(
        self, subscriber: Subscriber, accepted: AcceptedSubscription, operation: OperationKey
    ) -> None:
        """Send a subscriber everything after the position that it was accepted with."""
        group = self._admit(subscriber, accepted.source, operation)
        await group.join(subscriber, dict(accepted.position))

    def move(self, subscriber: Subscriber, group: SubscriberGroup, position: Position) -> None:
        """Let a subscriber join the group of its own viewer, as all of this operation from now."""
        self._viewer_dependent[group.operation] = None
        if len(self._viewer_dependent) > MAX_REMEMBERED_OPERATIONS:
            self._viewer_dependent.popitem(last=False)
        own = self._admit(subscriber, group.source, group.operation)
        self.start(own.join(subscriber, position))

    def start(self, work: Coroutine[Any, Any, Result]) -> asyncio.Task[Result]:
        """Start a task and hold it until it is done. Its log events share an id of their own."""
        context = copy_context()
        context.run(correlation_id.set, uuid4().hex)
        task = asyncio.create_task(work, context=context)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return task

    def drop(self, group: SubscriberGroup) -> None:
        """Forget a group without subscribers, unless another took its place already."""
        if self._groups.get(group.key) is group:
            del self._groups[group.key]

    async def stop(self) -> None:
        """Cancel what is running. Call it after all sockets and streams have been closed."""
        for task in tuple(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def _admit(
        self, subscriber: Subscriber, source: SubscriptionSource, operation: OperationKey
    ) -> SubscriberGroup:
        viewer = None
        if operation in self._viewer_dependent or subscriber.viewer.impersonator is not None:
            # Sessions of one user share: a change looks the same in all of them. To an admin who
            # impersonates the user it does not: some fields are null, and each result names them.
            viewer = dataclasses.replace(subscriber.viewer, session_id=None, problem=None)
        key = (source, source.audience(subscriber.viewer), operation, viewer)
        group = self._groups.get(key)
        if group is None:
            producer = self._producer(source, operation, viewer)
            group = SubscriberGroup(self, self.executor, key, source, operation, producer)
            self._groups[key] = group
            group.open()
        group.admit(subscriber)
        return group

    def _producer(self, source: Any, operation: OperationKey, viewer: Viewer | None) -> Producer:
        execute = partial(self.executor.execute, operation, viewer)
        if isinstance(source, StateSource):
            return StateProducer(source, self._states, self.executor.app.ephemeral, execute)
        return JournalProducer(source, self._feed, execute, self.start)
