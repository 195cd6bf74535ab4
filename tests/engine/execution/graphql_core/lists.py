"""Cases of test_lists: iterables, their items, and nulls in them."""

from collections.abc import AsyncIterator, Callable, Iterator
from typing import Any

from tests.engine.execution.graphql_core.case import Case, data, fails, later, made

TYPES = ["[Int]", "[Int]!", "[Int!]", "[Int!]!"]
ERROR = RuntimeError("bad")


def generator() -> Iterator[Any]:
    yield from ("one", 2, True)


def broken() -> Iterator[Any]:
    yield "ok"
    raise RuntimeError("bad")


async def stream() -> AsyncIterator[Any]:
    values: list[Any] = ["two", 4, False]
    for one in values:
        yield one


async def broken_stream() -> AsyncIterator[Any]:
    yield "two"
    raise RuntimeError("bad")


async def stream_of_others() -> AsyncIterator[Any]:
    values: list[Any] = ["two", {}, 4]
    for one in values:
        yield one


class NumberIterable:
    """An iterable with nothing but `__iter__`."""

    def __iter__(self) -> Iterator[int]:
        return iter((1, 2))


class NumberStream:
    """An asynchronous iterable with nothing but what is required."""

    def __init__(self) -> None:
        self.number = 0

    def __aiter__(self) -> AsyncIterator[int]:
        return self

    async def __anext__(self) -> int:
        if self.number == 3:
            raise StopAsyncIteration
        self.number += 1
        return self.number


ITERABLES: dict[str, Callable[[], Any]] = {
    "a list": lambda: ["just", "apple"],
    "a tuple": lambda: ("just", "apple"),
    "a set": lambda: {"apple"},
    "a generator": generator,
    "an iterable": NumberIterable,
    "keys of a dict": {"a": 1}.keys,
    "a dict": lambda: {"a": 1},
    "a string": lambda: "Singular",
    "bytes": lambda: b"ab",
    "a number": lambda: 7,
    "a generator that raises": broken,
    "an asynchronous generator": stream,
    "an asynchronous iterable": NumberStream,
    "an asynchronous generator that raises": broken_stream,
    "an asynchronous generator of what is no text": stream_of_others,
}
# A value of the field, or a resolver.
VALUES: dict[str, Any] = {
    "values": [1, 2],
    "null inside": [1, None, 2],
    "null": None,
    "an error inside": [1, ERROR, 2],
    "an error instead": ERROR,
    "a failure": fails("bad"),
    "values later": later([1, 2]),
    "null inside later": later([1, None, 2]),
    "null later": later(None),
    "a failure later": later(ERROR),
    "an error inside later": later([1, ERROR, 2]),
    "text": ["x"],
}
ITEMS: dict[str, Callable[[], list[Any]]] = {
    "later values": lambda: [later(1)(), later(2)()],
    "later null": lambda: [later(1)(), later(None)()],
    "later failures": lambda: [later(ERROR)(), 1, later(RuntimeError("worse"))()],
    "later failure after an error": lambda: [ERROR, later(RuntimeError("worse"))()],
    "now and later": lambda: [1, later(2)(), 3],
}
OBJECTS = "type Query { list: [Item]  strict: [Item!] } type Item { index: Int!  maybe: Int }"


def indexed(*resolvers: Any) -> Callable[[], Any]:
    items = [{"index": one, "maybe": one} for one in resolvers]
    return lambda: {"list": items, "strict": items}


async def indexes() -> AsyncIterator[Any]:
    for number in range(3):
        yield {"index": later(number) if number < 2 else later(ERROR), "maybe": number}


CASES = [
    *(
        Case(
            f"{name} as a list",
            "type Query { list: [String] }",
            "{ list }",
            made("list", make),
        )
        for name, make in ITERABLES.items()
    ),
    *(
        Case(
            f"{kind}: {name}",
            f"type Query {{ list: {kind} }}",
            "{ list }",
            data(list=value),
        )
        for kind in TYPES
        for name, value in VALUES.items()
    ),
    *(
        Case(
            f"{kind}: {name}",
            f"type Query {{ list: {kind} }}",
            "{ list }",
            made("list", make),
        )
        for kind in TYPES
        for name, make in ITEMS.items()
    ),
    *(
        Case(
            f"lists in lists of {kind}",
            f"type Query {{ grid: [{kind}] }}",
            "{ grid }",
            lambda: {"grid": [[1, None], None, [], (2,), ERROR, later([3, None])()]},
        )
        for kind in TYPES
    ),
    *(
        Case(f"objects: {name}", OBJECTS, f"{{ {key} {{ maybe index }} }}", root)
        for key in ("list", "strict")
        for name, root in {
            "awaitable fields": indexed(later(0), later(1)),
            "a failed field": indexed(0, fails("bad"), 2),
            "a failed awaitable field": indexed(later(0), later(ERROR)),
            "failures now and later": indexed(later(ERROR), fails("also bad")),
            "null": indexed(0, None, later(None)),
            "a stream": lambda: {"list": indexes(), "strict": indexes()},
        }.items()
    ),
]
