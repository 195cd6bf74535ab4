"""Awaits values of resolvers, several at once."""

import asyncio
from collections.abc import AsyncIterable, Awaitable, Callable, Sequence
from typing import Any, TypeGuard

from graphql.pyutils import is_iterable

from engine.execution.plan import PLAIN, Values

Slot = tuple[Values, int]
"""A list and an index in it, where the result of an awaitable goes."""


def is_awaitable(value: Any) -> TypeGuard[Awaitable[Any]]:
    return hasattr(value, "__await__")


def attempt(call: Callable[..., Any], *given: Any) -> Any:
    """Return what a function returns, or the exception that it raises."""
    try:
        return call(*given)
    except Exception as error:  # noqa: BLE001 - becomes the error of a field or an object
        return error


def find_awaitables(values: Values, depth: int) -> list[Slot]:
    """Return where awaitables stand in values with `depth` nested lists.

    Makes lists of other iterables, and an awaitable of an asynchronous one.
    """
    kinds = set(map(type, values))
    if depth:
        _make_lists(values, kinds)
        kinds = set(map(type, values))
    slots: list[Slot] = []
    if not kinds <= PLAIN and any(hasattr(kind, "__await__") for kind in kinds):
        slots = [(values, i) for i, value in enumerate(values) if is_awaitable(value)]
    if depth:
        for value in values:
            if type(value) is list:
                slots += find_awaitables(value, depth - 1)
    return slots


async def settle(slots: Sequence[Slot], others: Sequence[Awaitable[None]]) -> None:
    """Replace awaitables by their results; an exception stands for a failed one.

    `others` are awaited at the same time, and must not fail.
    """
    results = await _await_all([*(values[index] for values, index in slots), *others])
    for (values, index), result in zip(slots, results, strict=False):
        values[index] = result


async def settle_all(values: Values, depth: int) -> None:
    """Replace awaitables, also those within awaited lists."""
    while slots := find_awaitables(values, depth):
        await settle(slots, ())


async def _await_all(awaitables: Sequence[Awaitable[Any]]) -> list[Any]:
    """Await all at once; a single one needs no task. No failure cancels another one."""
    if len(awaitables) == 1:
        try:
            return [await awaitables[0]]
        except Exception as error:  # noqa: BLE001 - becomes the field's error
            return [error]
    results = await asyncio.gather(*awaitables, return_exceptions=True)
    for result in results:
        if isinstance(result, BaseException) and not isinstance(result, Exception):
            raise result
    return results


def _make_lists(values: Values, kinds: set[type]) -> None:
    if kinds <= {list, type(None)}:
        return
    for index, value in enumerate(values):
        if type(value) is list or is_awaitable(value):  # a Future is an iterable, too
            continue
        if isinstance(value, AsyncIterable):
            values[index] = _collect(value)
        elif is_iterable(value):
            try:
                values[index] = list(value)
            except Exception as error:  # noqa: BLE001 - becomes the field's error
                values[index] = error


async def _collect(value: AsyncIterable[Any]) -> list[Any]:
    return [item async for item in value]
