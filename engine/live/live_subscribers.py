"""The live subscribers of a group."""

from collections import Counter
from collections.abc import Iterator
from uuid import UUID

from engine.live.subscriber import Subscriber


class LiveSubscribers:
    """The live subscribers in the order they came, with the distinct users among them."""

    def __init__(self) -> None:
        self.users: Counter[UUID] = Counter()
        self._subscribers: dict[Subscriber, None] = {}

    def add(self, subscriber: Subscriber) -> None:
        if subscriber not in self._subscribers:
            self._subscribers[subscriber] = None
            if user_id := subscriber.viewer.user_id:
                self.users[user_id] += 1

    def discard(self, subscriber: Subscriber) -> None:
        if subscriber in self._subscribers:
            del self._subscribers[subscriber]
            if user_id := subscriber.viewer.user_id:
                self.users[user_id] -= 1
                if not self.users[user_id]:
                    del self.users[user_id]

    def __contains__(self, subscriber: Subscriber) -> bool:
        return subscriber in self._subscribers

    def __iter__(self) -> Iterator[Subscriber]:
        return iter(self._subscribers)

    def __len__(self) -> int:
        return len(self._subscribers)
