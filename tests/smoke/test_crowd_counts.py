"""The cost of a crowd that connects at once and follows something live."""

import asyncio
import gc
import tracemalloc
from collections.abc import Awaitable, Callable
from typing import NamedTuple

import pytest
from starlette.applications import Starlette

from core.security.signing_keys import SigningKeys
from models.chat.conversations import Conversation
from models.identity.accounts import User
from models.vendors import MemberRole
from tests.apps import endpoint_of
from tests.client import gid
from tests.factories.world import World
from tests.smoke.crowd import Crowd
from tests.smoke.measuring import KIBIBYTE, created, written
from web.graphql.endpoint import Endpoint

SOCKETS, REPETITIONS = 20, 6
TOLERANCE = 0.1  # of the memory
CONVERSATION = "subscription ($id: ID!) { conversationChanges(conversationId: $id) { __typename } }"
INBOX = "subscription { inboxChanges { __typename } }"


class CrowdCounts(NamedTuple):
    """Messages to PostgreSQL and Redis, and tasks, of 20 sockets; memory that each holds."""

    sql: int
    redis: int
    tasks: int
    kibibytes: int


EXPECTED = {
    "one conversation": CrowdCounts(sql=5, redis=5, tasks=52, kibibytes=14),
    "inboxes": CrowdCounts(sql=12, redis=8, tasks=80, kibibytes=24),
}


@pytest.fixture
async def users(world: World) -> list[User]:
    return [await world.user() for _ in range(SOCKETS + 1)]


@pytest.mark.parametrize("followed", EXPECTED)
async def test_a_crowd_costs_what_is_expected(
    world: World, users: list[User], app: Starlette, keys: SigningKeys, followed: str
) -> None:
    vendor = await world.vendor()
    for user in users:
        await world.member(vendor, user, MemberRole.STAFF)
    conversation = Conversation(user_id=users[0].id, vendor_id=vendor.id)
    await world.save(conversation)
    query, variables = INBOX, {}
    if followed == "one conversation":
        query, variables = CONVERSATION, {"id": gid(conversation)}
    tokens = [keys.sign_access(user.id, user.id, 15)[0] for user in users]
    endpoint = endpoint_of(app)

    async def follow(tokens: list[str]) -> Crowd:
        before, crowd = endpoint.groups.stats().live, Crowd(app, tokens)
        await crowd.connect()
        await crowd.subscribe(query, variables)
        await until(lambda: endpoint.groups.stats().live == before + len(tokens))
        await until(lambda: not endpoint.sessions.is_writing)
        return crowd

    first = await follow(tokens[:1])  # the group is there, and the document is known
    measured = [await measure(lambda: follow(tokens[1:]), endpoint) for _ in range(REPETITIONS)]
    await first.leave()
    sql, redis, tasks, kibibytes = map(min, zip(*measured, strict=True))
    found, expected = CrowdCounts(sql, redis, tasks, kibibytes), EXPECTED[followed]
    # Which sockets share a statement depends a little on when Redis and PostgreSQL answer.
    for counted, most in zip(found[:3], expected[:3], strict=True):
        assert counted <= most, found
    assert found.kibibytes <= expected.kibibytes * (1 + TOLERANCE), found


async def measure(follow: Callable[[], Awaitable[Crowd]], endpoint: Endpoint) -> CrowdCounts:
    gc.collect()
    with written() as peers, created() as tasks:
        crowd = await follow()
    await crowd.leave()
    await until(lambda: not endpoint.sessions.is_writing)
    gc.collect()
    tracemalloc.start()
    try:
        crowd = await follow()
        gc.collect()
        held, _ = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    await crowd.leave()
    await until(lambda: not endpoint.sessions.is_writing)
    sql = sum("asyncpg" in peer for peer in peers)
    return CrowdCounts(sql, len(peers) - sql, len(tasks), round(held / KIBIBYTE / SOCKETS))


async def until(condition: Callable[[], bool]) -> None:
    async with asyncio.timeout(20):
        while not condition():  # noqa: ASYNC110 - there is nothing to wait on
            await asyncio.sleep(0.001)
