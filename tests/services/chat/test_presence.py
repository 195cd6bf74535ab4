"""Typing and presence, with a real Redis and without one."""

import asyncio
from collections.abc import AsyncIterator, Iterable, Mapping
from contextlib import AsyncExitStack
from typing import Any

import pytest

from core.ids import new_id
from core.redis.client import MAX_CONNECTIONS
from core.redis.pubsub import PubSub
from core.settings import Settings
from services.chat import presence
from services.chat.presence import PresenceTracker, TypingTracker

NOWHERE = "redis://127.0.0.1:1"


@pytest.fixture
async def pubsub(settings: Settings) -> AsyncIterator[PubSub]:
    pubsub = PubSub(settings.redis)
    await pubsub.start()
    yield pubsub
    await pubsub.stop()


@pytest.fixture
async def typing(settings: Settings, pubsub: PubSub) -> AsyncIterator[TypingTracker]:
    typing = TypingTracker(settings.redis, pubsub)
    yield typing
    await typing.close()


async def test_typing_lasts_until_stopped(typing: TypingTracker) -> None:
    conversation, one, other = new_id(), new_id(), new_id()
    await typing.set(conversation, one, typing=True)
    await typing.set(conversation, other, typing=True)
    found = await typing.of(conversation)
    assert found.keys() == {one, other}
    assert all(40 < left <= presence.TYPING_SECONDS for left in found.values())
    await typing.set(conversation, one, typing=False)
    assert (await typing.of(conversation)).keys() == {other}
    assert await typing.of(new_id()) == {}


async def test_typing_expires_unless_refreshed(typing: TypingTracker) -> None:
    conversation, one, other = new_id(), new_id(), new_id()
    typing.marks.seconds = 1.0
    await typing.set(conversation, one, typing=True)
    await typing.set(conversation, other, typing=True)
    typing.marks.seconds = 30.0
    await typing.set(conversation, other, typing=True)
    async with asyncio.timeout(10):
        while len(await typing.of(conversation)) > 1:  # noqa: ASYNC110 - nothing to wait for
            await asyncio.sleep(0.05)
    assert (await typing.of(conversation)).keys() == {other}


async def test_only_a_change_is_signalled(
    typing: TypingTracker, pubsub: PubSub, monkeypatch: pytest.MonkeyPatch
) -> None:
    conversation, one = new_id(), new_id()
    published: list[str] = []
    publish = pubsub.publish

    def noting(grown: Mapping[str, int]) -> None:
        published.extend(grown)
        publish(grown)

    monkeypatch.setattr(pubsub, "publish", noting)
    for typing_now in (True, True, False, False):
        await typing.set(conversation, one, typing=typing_now)
    assert published == [typing.marks.topic(conversation)] * 2


async def test_a_user_is_online_while_any_process_has_a_socket(
    settings: Settings, pubsub: PubSub
) -> None:
    user, stranger = new_id(), new_id()
    async with AsyncExitStack() as stack:
        here, there = (
            PresenceTracker(settings.redis, pubsub),
            PresenceTracker(settings.redis, pubsub),
        )
        for one in (here, there):
            await one.start()
            stack.push_async_callback(one.stop)
            await one.came(user)
        await here.left(user)
        found = await here.of([user, stranger])
        assert found[user].online is True
        assert 50 < (found[user].holds or 0) <= presence.PRESENCE_SECONDS
        assert found[stranger].online is False
        assert found[stranger].last_seen_at is None
        await there.left(user)
        found = await here.of([user])
        assert found[user].online is False
        assert found[user].last_seen_at is not None


async def test_hundreds_of_concurrent_subscribers_use_few_connections(
    settings: Settings, pubsub: PubSub
) -> None:
    here, users = PresenceTracker(settings.redis, pubsub), [new_id() for _ in range(300)]
    await asyncio.gather(*map(here.came, users))
    assert all(one.online for one in (await here.of(users)).values())
    await asyncio.gather(*map(here.left, users))
    assert not any(one.online for one in (await here.of(users)).values())
    for redis in (here._redis, here.marks._redis):
        connections: Any = redis.connection_pool
        assert 0 < len(connections._available_connections) <= MAX_CONNECTIONS
    await here.stop()


async def test_a_process_refreshes_presence(
    settings: Settings, pubsub: PubSub, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(presence, "REFRESH_SECONDS", 0.1)
    here, user = PresenceTracker(settings.redis, pubsub), new_id()
    here.marks.seconds = 1.0
    await here.start()
    await here.came(user)
    await asyncio.sleep(2.5)
    assert (await here.of([user]))[user].online is True
    assert here._refresher
    here._refresher.cancel()  # as if the process were killed
    async with asyncio.timeout(10):
        while (await here.of([user]))[user].online:  # noqa: ASYNC110 - nothing to wait for
            await asyncio.sleep(0.05)
    assert (await here.of([user]))[user].last_seen_at is not None
    await here.stop()


async def test_a_user_who_leaves_during_a_refresh_is_offline(
    settings: Settings, pubsub: PubSub, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(presence, "REFRESH_SECONDS", 0.1)
    here, user, refreshed = PresenceTracker(settings.redis, pubsub), new_id(), asyncio.Event()
    set_many = here.marks.set_many

    async def meanwhile(subjects: Iterable[object], name: object) -> None:
        await here.left(user)
        await set_many(subjects, name)
        assert (await here.of([user]))[user].online is True
        refreshed.set()

    await here.came(user)
    monkeypatch.setattr(here.marks, "set_many", meanwhile)
    await here.start()
    async with asyncio.timeout(10):
        await refreshed.wait()
        while (await here.of([user]))[user].online:  # noqa: ASYNC110 - nothing to wait for
            await asyncio.sleep(0.05)
    await here.stop()


async def test_without_redis_typing_is_empty_and_presence_is_unknown() -> None:
    """Writes raise no error either."""
    pubsub = PubSub(NOWHERE)
    typing, presences = TypingTracker(NOWHERE, pubsub), PresenceTracker(NOWHERE, pubsub)
    conversation, user = new_id(), new_id()
    await typing.set(conversation, user, typing=True)
    assert await typing.of(conversation) == {}
    await presences.came(user)
    assert (await presences.of([user]))[user].online is None
    await presences.left(user)
    await presences.stop()
    await typing.close()
