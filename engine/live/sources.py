"""Sources of subscriptions, independent of the viewer."""

from abc import ABC, abstractmethod
from collections.abc import Awaitable, Callable, Collection, Hashable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, Generic, NamedTuple, TypeVar
from uuid import UUID

from core.statements.shared_reads import SharedReads
from engine.request_loaders import Loaders
from models.errors import NotFound
from services.journal.entries import Entry
from services.journal.queries import JournalRecord
from services.viewer import Viewer

Change = TypeVar("Change")
ChangeFactory = Callable[[Loaders, JournalRecord[Any], str], Awaitable[Any]]


class SubscriptionSource(ABC):
    """The source of one subscription, declared as a frozen dataclass.

    Subscribers with equal sources, operations and audiences share one group, for which each change
    is executed and encoded once. So a source never knows its viewer.
    """

    @property
    @abstractmethod
    def topics(self) -> Sequence[str]:
        """The pub/sub topics that signal a change."""

    @abstractmethod
    def audience(self, viewer: Viewer) -> Hashable:
        """Viewers with equal audiences may see the same of every change."""

    @abstractmethod
    async def unauthorized(
        self, reads: SharedReads, user_ids: Collection[UUID]
    ) -> Collection[UUID]:
        """Return the users that may not, or may no longer, subscribe. One statement for all."""

    async def is_outside_role(self, reads: SharedReads, viewer: Viewer) -> bool:
        """Return whether the role of a browser session does not allow its user to subscribe.

        Not asked again for each change: a switch of roles closes the connections of the user, and
        they end with the role.
        """
        return False

    @property
    def revocation_error(self) -> Exception:
        """The error that ends the stream of an unauthorized user."""
        return NotFound()


class JournalSource(SubscriptionSource, Generic[Change]):
    """Entries of journal topics, in their order.

    `changes` maps each published entry class to the function that builds its change. Other entries
    only move the cursor.

    A source with `joins_for` seconds sends at most one change in that time: the first entry at
    once, and all that follow as one change when the time is over. It overrides `join`.
    """

    changes: ClassVar[Mapping[type[Entry], ChangeFactory]]
    joins_for: ClassVar[float] = 0.0

    def __init_subclass__(cls) -> None:
        """Refuse, at import, an entry class that is stored under no kind: it would never arrive."""
        for entry_class in getattr(cls, "changes", ()):
            if entry_class not in Entry.classes.values():
                raise TypeError(f"{cls.__name__}: {entry_class.__name__} is stored under no kind.")

    def includes(self, record: JournalRecord[Any]) -> bool:
        return type(record.entry) in self.changes

    async def change(self, loaders: Loaders, record: JournalRecord[Any], cursor: str) -> Change:
        """Build the change, with the rows as they are now."""
        change: Change = await self.changes[type(record.entry)](loaders, record, cursor)
        return change

    def join(self, changes: Sequence[Change]) -> Change:
        """Return one change for several, at least two, of which the last has the cursor."""
        raise NotImplementedError

    @abstractmethod
    def checkpoint(self, cursor: str) -> Change:
        """Build the change that only carries a cursor. It is sent every minute."""


class Snapshot(NamedTuple):
    """A comparable value, and after how many seconds it can change without a signal."""

    value: Hashable
    expires_in: float | None


class StateSource(SubscriptionSource, Generic[Change]):
    """Ephemeral state in Redis: published as it is at first, and whenever it differs."""

    @abstractmethod
    async def read(self, state: Any, topic: str) -> Snapshot:
        """Read one topic. `state` is `AppState.ephemeral`; the engine knows no domain's type."""

    @abstractmethod
    async def change(self, loaders: Loaders, topic: str, value: Any) -> Change:
        """Build the change that publishes a value."""


@dataclass(frozen=True)
class AcceptedSubscription:
    """An authorized subscription, and the position in each topic to start from."""

    source: SubscriptionSource
    position: Mapping[str, int]
