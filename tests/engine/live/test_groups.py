"""The states of a subscriber, in a group without a database or a transport."""

import asyncio
from collections.abc import (
    AsyncGenerator,
    AsyncIterator,
    Callable,
    Collection,
    Coroutine,
    Sequence,
)
from datetime import datetime
from functools import partial
from types import SimpleNamespace
from typing import Any, cast
from uuid import uuid4

import pytest

from core.clock import now
from engine.live.execution import EncodedResult, ViewerDependent
from engine.live.subscriber import Position, QueuedSubscriber, Subscriber, SubscriberState
from engine.live.subscriber_group import MAX_STEPS_TOGETHER, Step, SubscriberGroup
from services.viewer import Viewer


class Numbers:
    """Produces the numbers up to `head`, one result each."""

    def __init__(self) -> None:
        self.head = 0
        self.created_at: datetime | None = None
        self.failing = 0
        self.opened = asyncio.Event()
        self.on_signal: Callable[[], None] = lambda: None

    async def open(self, on_signal: Callable[[], None]) -> Position:
        await self.opened.wait()
        self.on_signal = on_signal
        return {"numbers": self.head}

    async def close(self) -> None:
        self.on_signal = lambda: None

    async def steps(self, group: SubscriberGroup) -> AsyncGenerator[Step, None]:
        for number in range(group.position["numbers"] + 1, self.head + 1):
            yield Step({"numbers": number}, partial(self._render, number), self.created_at)

    def _render(self, number: int) -> asyncio.Future[EncodedResult]:
        rendering = _completed(number)
        if number == self.failing:
            rendering = asyncio.get_running_loop().create_future()
            rendering.set_exception(ValueError())
        return rendering

    async def replay(
        self, subscriber: Subscriber, position: Position, group: SubscriberGroup
    ) -> bool:
        number = position["numbers"] + 1
        while not subscriber.send(_result(number)):
            await subscriber.writable()
        subscriber.position = {"numbers": number}
        return True

    def grow(self, count: int = 1) -> None:
        self.head += count
        self.on_signal()


class FakeGroups:
    """A fake of the group registry."""

    def __init__(self) -> None:
        self.moved: list[tuple[Subscriber, Position]] = []
        self.tasks: list[asyncio.Task[Any]] = []

    def start(self, work: Coroutine[Any, Any, Any]) -> asyncio.Task[Any]:
        self.tasks.append(asyncio.create_task(work))
        return self.tasks[-1]

    def drop(self, group: SubscriberGroup) -> None:
        pass

    def move(self, subscriber: Subscriber, group: SubscriberGroup, position: Position) -> None:
        self.moved.append((subscriber, position))


class Members:
    """A group of numbers, whose members are authorized unless their id is in `denied`."""

    def __init__(self) -> None:
        self.numbers, self.groups = Numbers(), FakeGroups()
        self.denied: set[Any] = set()
        self.checks = 0
        source = SimpleNamespace(
            unauthorized=self._unauthorized, revocation_error=PermissionError()
        )
        executor = SimpleNamespace(
            app=SimpleNamespace(database=SimpleNamespace(shared=None)),
            final_error=lambda operation, error: EncodedResult(type(error).__name__.encode()),
        )
        self.group = SubscriberGroup(
            self.groups,
            cast("Any", executor),
            "key",
            cast("Any", source),
            cast("Any", None),
            self.numbers,
        )
        self.group.open()

    async def join(self, after: int) -> QueuedSubscriber:
        subscriber = QueuedSubscriber(Viewer(uuid4()))
        self.group.admit(subscriber)
        self.groups.start(self.group.join(subscriber, {"numbers": after}))
        await asyncio.sleep(0)
        return subscriber

    async def _unauthorized(self, reads: Any, users: Collection[Any]) -> list[Any]:
        self.checks += 1
        return [user for user in users if user in self.denied]


@pytest.fixture
async def members() -> AsyncIterator[Members]:
    members = Members()
    yield members
    for task in members.groups.tasks:
        task.cancel()
    await asyncio.gather(*members.groups.tasks, return_exceptions=True)


async def test_a_stream_can_end_while_its_group_opens(members: Members) -> None:
    """As when its session ends then: it must still send how it ended."""
    subscriber = QueuedSubscriber(Viewer(uuid4()))
    members.group.admit(subscriber)
    joining = asyncio.create_task(members.group.join(subscriber, {"numbers": 0}))
    await asyncio.sleep(0)
    subscriber.leave()
    subscriber.complete(EncodedResult(b"ended"))
    await joining
    assert [result.payload async for result in subscriber] == [b"ended"]
    assert members.group.subscribers == set()


async def test_a_subscriber_joins_catches_up_and_is_live(members: Members) -> None:
    members.numbers.head = 2
    subscriber = await members.join(after=0)
    assert subscriber.state is SubscriberState.JOINING
    members.numbers.opened.set()
    assert await read(subscriber, 2) == [1, 2]
    await settle(subscriber, SubscriberState.LIVE)
    assert subscriber.position is None
    members.numbers.grow()
    assert await read(subscriber, 1) == [3]
    subscriber.leave()
    await settle(subscriber, SubscriberState.ENDED)


async def test_a_full_subscriber_falls_behind_and_rejoins(members: Members) -> None:
    members.numbers.opened.set()
    full, quick = await members.join(after=0), await members.join(after=0)
    for subscriber in (full, quick):
        await settle(subscriber, SubscriberState.LIVE)
    reading = asyncio.create_task(read(quick, 40))
    for _ in range(40):
        members.numbers.grow()
        await asyncio.sleep(0.001)
    assert await reading == list(range(1, 41))
    assert full.state is SubscriberState.CATCHING_UP
    assert members.group.stats().catching_up == 1
    assert await read(full, 40) == list(range(1, 41))
    await settle(full, SubscriberState.LIVE)


async def test_an_unauthorized_subscriber_ends_and_the_others_go_on(members: Members) -> None:
    members.numbers.opened.set()
    leaving, staying = await members.join(after=0), await members.join(after=0)
    for subscriber in (leaving, staying):
        await settle(subscriber, SubscriberState.LIVE)
    members.denied.add(leaving.viewer.user_id)
    members.numbers.grow()
    assert [result.payload async for result in leaving] == [b"PermissionError"]
    await settle(leaving, SubscriberState.ENDED)
    assert await read(staying, 1) == [1]


async def test_a_split_moves_each_subscriber_from_its_own_position(
    members: Members, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A joining one too: the position of its group would skip what it is yet to receive."""
    joining = [await members.join(after) for after in (1, 2)]
    monkeypatch.setattr(Numbers, "steps", _viewer_dependent)
    members.numbers.head = 3
    members.numbers.opened.set()
    async with asyncio.timeout(5):
        while len(members.groups.moved) < 2:  # noqa: ASYNC110 - there is nothing to wait on
            await asyncio.sleep(0.001)
    moved = {subscriber: position["numbers"] for subscriber, position in members.groups.moved}
    assert [moved[subscriber] for subscriber in joining] == [1, 2]


async def live_in_bursts(members: Members) -> QueuedSubscriber:
    """Join a group whose steps are changes of the journal."""
    members.numbers.created_at = now()
    members.numbers.opened.set()
    subscriber = await members.join(after=0)
    await settle(subscriber, SubscriberState.LIVE)
    return subscriber


async def test_a_burst_is_authorized_once_and_sent_in_one_write(
    members: Members, monkeypatch: pytest.MonkeyPatch
) -> None:
    plain, writes = QueuedSubscriber.send_together, list[int]()

    def note(self: QueuedSubscriber, results: Sequence[EncodedResult], frames: Any) -> int:
        writes.append(len(results))
        return plain(self, results, frames)

    monkeypatch.setattr(QueuedSubscriber, "send_together", note)
    subscriber = await live_in_bursts(members)
    members.numbers.grow(MAX_STEPS_TOGETHER + 3)
    assert await read(subscriber, MAX_STEPS_TOGETHER + 3) == list(range(1, 12))
    assert writes == [MAX_STEPS_TOGETHER, 3]
    assert members.checks == 2


async def test_a_subscriber_that_is_full_within_a_burst_loses_nothing(members: Members) -> None:
    subscriber = await live_in_bursts(members)
    for _ in range(2):
        members.numbers.grow(12)
        while members.group.position["numbers"] < members.numbers.head:  # noqa: ASYNC110 - nothing to wait on
            await asyncio.sleep(0)
    assert subscriber.state is SubscriberState.CATCHING_UP
    assert await read(subscriber, 24) == list(range(1, 25))
    await settle(subscriber, SubscriberState.LIVE)


async def test_what_a_burst_has_before_a_failure_is_sent(members: Members) -> None:
    subscriber = await live_in_bursts(members)
    members.numbers.failing = 3
    members.numbers.grow(5)
    received = [result.payload async for result in subscriber]
    assert received == [b"1", b"2", b"ValueError"]


async def read(subscriber: QueuedSubscriber, count: int) -> list[int]:
    numbers: list[int] = []
    async with asyncio.timeout(5):
        async for result in subscriber:
            numbers.append(int(result.payload))
            if len(numbers) == count:
                break
    return numbers


async def settle(subscriber: Subscriber, state: SubscriberState) -> None:
    async with asyncio.timeout(5):
        while subscriber.state is not state:  # noqa: ASYNC110 - there is nothing to wait on
            await asyncio.sleep(0.001)


async def _viewer_dependent(self: Numbers, group: SubscriberGroup) -> AsyncIterator[Step]:
    raise ViewerDependent
    yield


def _result(number: int) -> EncodedResult:
    return EncodedResult(str(number).encode())


def _completed(number: int) -> asyncio.Future[EncodedResult]:
    future = asyncio.get_running_loop().create_future()
    future.set_result(_result(number))
    return future
