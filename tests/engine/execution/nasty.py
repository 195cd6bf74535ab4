"""A schema whose values fail, wait, or are null where they must not be."""

import enum
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from typing import Annotated, Any

import strawberry
from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy
from strawberry.schema import BaseSchema


@dataclass(frozen=True)
class Later:
    """A value that has to be awaited."""

    value: Any


@dataclass(frozen=True)
class BrokenValue:
    """A value that raises when it is read; with `returned`, the error is the value."""

    text: str
    returned: bool = False


def produce(value: Any) -> Any:
    """Return what a resolver returns for a value that was drawn."""
    if isinstance(value, Later):
        return _wait(value.value)
    if isinstance(value, BrokenValue):
        error = RuntimeError(value.text)
        if value.returned:
            return error
        raise error
    if isinstance(value, list):
        return [_item(one) for one in value]
    return value


async def _wait(value: Any) -> Any:
    return produce(value)


def _item(value: Any) -> Any:
    """Return an item of a list, which cannot raise, but be an error or awaitable."""
    if isinstance(value, BrokenValue):
        return RuntimeError(value.text)
    return produce(value)


def _field(name: str) -> Any:
    def resolve(self: Any) -> Any:
        return produce(self.values.get(name))

    return resolve


@strawberry.enum
class Mood(enum.Enum):
    CALM = "calm"
    WILD = "wild"


Reference = Annotated["Being", strawberry.lazy("tests.engine.execution.nasty")]
PetReference = Annotated["Cat | Dog", strawberry.union("Pet")]


@strawberry.interface
class Being:
    values: strawberry.Private[dict[str, Any]] = field(default_factory=dict)

    name: str = strawberry.field(resolver=_field("name"))
    nickname: str | None = strawberry.field(resolver=_field("nickname"))
    age: int | None = strawberry.field(resolver=_field("age"))
    mood: Mood | None = strawberry.field(resolver=_field("mood"))
    words: list[str] | None = strawberry.field(resolver=_field("words"))
    grid: list[list[int | None]] | None = strawberry.field(resolver=_field("grid"))
    strict_grid: list[list[int]] | None = strawberry.field(resolver=_field("grid"))
    friend: Reference | None = strawberry.field(resolver=_field("friend"))
    best: Reference = strawberry.field(resolver=_field("best"))
    friends: list[Reference] | None = strawberry.field(resolver=_field("friends"))
    some: list[Reference | None] = strawberry.field(resolver=_field("friends"))
    rows: list[list[Reference | None] | None] | None = strawberry.field(resolver=_field("rows"))

    @strawberry.field
    def echo(self, word: str = "hello", times: list[int] | None = None) -> str:
        return f"{word} {times}"


@strawberry.type
class Cat(Being):
    purrs: bool = strawberry.field(resolver=_field("flag"))
    pets: list[PetReference] | None = strawberry.field(resolver=_field("friends"))


@strawberry.type
class Dog(Being):
    barks: bool | None = strawberry.field(resolver=_field("flag"))
    owner: Cat | None = strawberry.field(resolver=_field("friend"))


@strawberry.type(name="Query")
class NastyQuery:
    being: Being | None = strawberry.field(resolver=_field("friend"))
    sure: Being = strawberry.field(resolver=_field("best"))
    beings: list[Being] | None = strawberry.field(resolver=_field("friends"))
    pets: list[PetReference | None] | None = strawberry.field(resolver=_field("friends"))
    cat: Cat | None = strawberry.field(resolver=_field("friend"))


@strawberry.type(name="Mutation")
class NastyMutation:
    @strawberry.mutation
    async def add(self, word: str = "hello") -> int:
        self.calls.append(word)  # type: ignore[attr-defined]
        return len(self.calls)  # type: ignore[attr-defined]

    change: Being | None = strawberry.mutation(resolver=_field("friend"))
    replace: Being = strawberry.mutation(resolver=_field("best"))


@strawberry.type(name="Subscription")
class NastySubscription:
    @strawberry.subscription
    async def changed(self) -> AsyncIterator[Being | None]:
        """Yield no events: the oracle executes them one by one, as subscriptions do."""
        return
        yield


@dataclass
class Root:
    """The root value of an operation."""

    values: dict[str, Any]
    calls: list[str] = field(default_factory=list)

    def again(self) -> "Root":
        """Return the same data, without the calls of a run."""
        return Root(self.values)

    def event(self) -> Being | None:
        """Return the change of a subscription: an object that the root has, if any."""
        found = [one for one in self.values.values() if isinstance(one, Being)]
        return next(iter(found), None)


def create_schema() -> BaseSchema:
    return strawberry.Schema(
        query=NastyQuery,
        mutation=NastyMutation,
        subscription=NastySubscription,
        types=[Cat, Dog],
    )


def roots() -> SearchStrategy[Root]:
    """Draw a tree of beings, with failures anywhere."""
    leaf: SearchStrategy[Any] = st.builds(Cat, values=_leaves())
    beings = st.recursive(leaf, _either, max_leaves=12)
    return st.builds(Root, _values(beings))


def _either(inner: SearchStrategy[Any]) -> SearchStrategy[Any]:
    return st.one_of(_being(Cat, inner), _being(Dog, inner))


def _being(kind: Any, inner: SearchStrategy[Any]) -> SearchStrategy[Any]:
    return st.builds(kind, values=_values(inner))


def _values(beings: SearchStrategy[Any]) -> SearchStrategy[dict[str, Any]]:
    one = _troubled(st.one_of(beings, beings, beings, st.just(3)))
    several = _troubled(st.lists(one, max_size=3))
    rows = _troubled(st.lists(several, max_size=2))
    links = st.fixed_dictionaries(
        {"best": one}, optional={"friend": one, "friends": several, "rows": rows}
    )
    return st.builds(lambda leaves, found: leaves | found, _leaves(), links)


def _leaves() -> SearchStrategy[dict[str, Any]]:
    number = _troubled(st.one_of(st.integers(-5, 5), st.sampled_from([2**40, "x", 1.5, True])))
    text = _troubled(st.sampled_from(["", "a", "ü", 5, True]))
    rows = _troubled(st.lists(_troubled(st.lists(number, max_size=2)), max_size=2))
    return st.fixed_dictionaries(
        {"name": text},
        optional={
            "nickname": text,
            "age": number,
            "mood": _troubled(st.sampled_from([*Mood, "calm", "no mood"])),
            "words": _troubled(st.lists(text, max_size=2)),
            "grid": rows,
            "flag": _troubled(st.booleans()),
        },
    )


def _troubled(values: SearchStrategy[Any]) -> SearchStrategy[Any]:
    """Draw mostly values, but also null, failures and awaitables of all of them."""
    failures = st.builds(BrokenValue, st.sampled_from("ab"), st.booleans())
    plain = st.one_of(values, values, values, values, st.none(), failures)
    return st.one_of(plain, plain, st.builds(Later, plain))
