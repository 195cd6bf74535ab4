"""Answers in the memory of this process."""

from collections import OrderedDict
from collections.abc import Collection, Mapping
from time import monotonic
from typing import NamedTuple

from core.answers.kept_answer import KeptAnswer
from core.sizes import MEGABYTE

MAX_BYTES = 32 * MEGABYTE
MAX_REMEMBERED_KEYS = 10_000

Changes = Mapping[str, int]


class HeldAnswer(NamedTuple):
    """An answer, when it was made and expires, and the changes of its tables before it was read."""

    answer: KeptAnswer
    made_at: float
    expires_at: float
    seen: Collection[tuple[str, int]]

    @property
    def age(self) -> float:
        return monotonic() - self.made_at


def hold(answer: KeptAnswer, before: Changes, seconds: float) -> HeldAnswer:
    """Return an answer made of what was read after `before`, with what is left of its time."""
    moment = monotonic()
    seen = [(name, before[name]) for name in answer.tables]
    return HeldAnswer(answer, moment - (answer.seconds - seconds), moment + seconds, seen)


class AnswerMemory:
    """The most recently used answers, at most 32 MiB in both encodings, 256 KiB each.

    An answer is kept once it was asked for twice, so that a client that asks for something else
    each time evicts nothing. The keys of the latest 10,000 requests, which are digests, are
    remembered for that: about 1.5 MB.

    Each change of a table makes the answers that were read from it stale. They are not searched
    for: an answer is compared with the changes when it is found. `changes` are taken before an
    answer is read, or a change in between would be missed.
    """

    def __init__(
        self,
        tables: Collection[str],
        max_bytes: int = MAX_BYTES,
        max_keys: int = MAX_REMEMBERED_KEYS,
    ) -> None:
        self._changes = dict.fromkeys(tables, 0)
        self._held: OrderedDict[bytes, HeldAnswer] = OrderedDict()
        self._asked: OrderedDict[bytes, bool] = OrderedDict()
        self._free_bytes = max_bytes
        self._max_keys = max_keys

    def __len__(self) -> int:
        return len(self._held)

    def find(self, key: bytes) -> HeldAnswer | None:
        held = self._held.get(key)
        if held is None:
            return None
        if held.expires_at <= monotonic() or self._has_changed(held):
            self._drop(key)
            return None
        self._held.move_to_end(key)
        return held

    def note_request(self, key: bytes) -> None:
        """Remember that an answer was asked for."""
        self._asked[key] = key in self._asked
        self._asked.move_to_end(key)
        if len(self._asked) > self._max_keys:
            self._asked.popitem(last=False)

    def is_wanted(self, key: bytes) -> bool:
        """Return whether an answer was asked for at least twice."""
        return self._asked.get(key, False)

    def changes(self) -> Changes:
        """Return the numbers of changes so far. Take them before an answer is read."""
        return self._changes.copy()

    def note_change(self, table: str) -> None:
        self._changes[table] += 1

    def keep(self, key: bytes, held: HeldAnswer) -> None:
        if key in self._held:
            self._drop(key)
        self._held[key] = held
        self._free_bytes -= held.answer.size
        while self._free_bytes < 0:
            self._drop(next(iter(self._held)))

    def _has_changed(self, held: HeldAnswer) -> bool:
        return any(self._changes[name] != seen for name, seen in held.seen)

    def _drop(self, key: bytes) -> None:
        self._free_bytes += self._held.pop(key).answer.size
