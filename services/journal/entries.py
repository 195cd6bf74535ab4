"""Typed journal entries. Each domain declares its own beside the service that appends them."""

from collections.abc import Callable, Mapping
from typing import Any, ClassVar, Self, get_type_hints
from uuid import UUID


class Ids(tuple[UUID, ...]):
    """Ids as one fact. Keep them few: an entry is read as often as there are subscribers."""

    __slots__ = ()

    @classmethod
    def read(cls, text: str) -> "Ids":
        return cls(UUID(one) for one in text.split(",") if one)

    def __str__(self) -> str:
        return ",".join(map(str, self))


FACT_TYPES: Mapping[Any, Callable[[str], Any]] = {UUID: UUID, int: int, Ids: Ids.read}


class Entry:
    """Base class of journal entries: frozen dataclasses of ids and small numbers.

    `kind` is stored, so it never changes. A later field needs a default: entries are kept for days
    and may lack it. Text is refused at import: the journal outlives edits and deletions, so it must
    not hold anything private.
    """

    kind: ClassVar[str]
    classes: ClassVar[dict[str, type["Entry"]]] = {}
    _parsers: ClassVar[Mapping[str, Callable[[str], Any]]]

    def __init_subclass__(cls, kind: str | None = None) -> None:
        """Register the class for its kind. A base of other entries has none."""
        hints = get_type_hints(cls).items()
        facts = {name: hint for name, hint in hints if name not in get_type_hints(Entry)}
        if unfit := [name for name, hint in facts.items() if hint not in FACT_TYPES]:
            raise TypeError(f"{cls.__name__}: only ids and int facts are stored, not {unfit}.")
        cls._parsers = {name: FACT_TYPES[hint] for name, hint in facts.items()}
        if kind is None:
            return
        if kind in Entry.classes:
            raise TypeError(f"{cls.__name__}: {Entry.classes[kind].__name__} is {kind!r} already.")
        cls.kind = kind
        Entry.classes[kind] = cls

    def facts(self) -> dict[str, str]:
        return {name: str(getattr(self, name)) for name in self._parsers}

    @classmethod
    def decode(cls, kind: str, facts: Mapping[str, str]) -> "Entry":
        known = cls.classes.get(kind)
        return known.from_facts(facts) if known else UnknownEntry()

    @classmethod
    def from_facts(cls, facts: Mapping[str, str]) -> Self:
        known = {name: parse(facts[name]) for name, parse in cls._parsers.items() if name in facts}
        return cls(**known)


class UnknownEntry(Entry):
    """An entry of a kind that only a newer release knows."""
