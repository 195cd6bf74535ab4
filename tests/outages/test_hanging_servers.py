"""A PostgreSQL or a Redis that hangs: callers are answered before long, and right afterwards."""

import asyncio
import time
from statistics import median
from typing import Any

import asyncpg
import httpx
import pytest
from sqlalchemy import text

from core.database import (
    CONNECT_SECONDS,
    POOL_SECONDS,
    REPLY_SECONDS,
    STATEMENT_SECONDS,
    Database,
)
from core.errors import Unavailable
from core.settings import Settings
from tests.processes import paused
from tests.running import Postgres, Server, Valkey
from web.health import READY_SECONDS

HANG_SECONDS = 15.0
# A free connection, then either a new connection or a statement; and the time of a busy machine.
DEADLINE_SECONDS = POOL_SECONDS + max(CONNECT_SECONDS, STATEMENT_SECONDS + REPLY_SECONDS) + 20
OFFERS = "{ offers { nodes { id } } }"
LOG_IN = (
    'mutation { logIn(input: {email: "a@b.example", password: "12345678"}) { errors { code } } }'
)
GRAPHQL = {"Accept": "application/graphql-response+json"}


async def ask(outside: httpx.AsyncClient, query: str, **headers: str) -> tuple[Any, float]:
    """Return the response and the seconds that it took."""
    began = time.monotonic()
    response = await outside.post("/graphql", json={"query": query}, headers=headers)
    return response, time.monotonic() - began


def codes(response: httpx.Response) -> list[str]:
    return [error["extensions"]["code"] for error in response.json().get("errors", [])]


async def wait_until_ready(outside: httpx.AsyncClient) -> None:
    deadline = time.monotonic() + 20
    while (await outside.get("/ready")).status_code != 200:
        assert time.monotonic() < deadline
        await asyncio.sleep(0.05)


@pytest.mark.parametrize("accept", ["application/json", GRAPHQL["Accept"]])
async def test_a_postgres_that_hangs_makes_requests_unavailable(
    outside: httpx.AsyncClient, postgres: Postgres, accept: str
) -> None:
    await wait_until_ready(outside)
    assert codes((await ask(outside, OFFERS))[0]) == []
    with paused(postgres.pid):
        began, healths = time.monotonic(), []
        first = await asyncio.gather(*(ask(outside, OFFERS, Accept=accept) for _ in range(10)))
        assert (await outside.get("/ready")).status_code == 503
        while time.monotonic() - began < HANG_SECONDS:
            later = await asyncio.gather(
                *(ask(outside, query) for query in (OFFERS, LOG_IN, OFFERS))
            )
            first += later
            asked_at = time.monotonic()
            assert (await outside.get("/health")).status_code == 200
            healths.append(time.monotonic() - asked_at)
            await asyncio.sleep(0.5)
    # The median: each one waits while the machine is busy.
    assert median(healths) < CONNECT_SECONDS / 2, "/health does not wait"
    for response, seconds in first:
        assert codes(response) == ["UNAVAILABLE"]
        assert (response.status_code, response.headers["retry-after"]) == (503, "2")
        assert seconds < DEADLINE_SECONDS
    quick = [seconds for _, seconds in first[10:] if seconds < 1]
    assert len(quick) > len(first[10:]) / 2, "most requests do not wait for a known outage"
    await wait_until_ready(outside)
    response, _ = await ask(outside, OFFERS)
    assert response.json()["data"] == {"offers": {"nodes": []}}


async def test_a_field_that_needs_no_database_is_answered(
    outside: httpx.AsyncClient, postgres: Postgres
) -> None:
    with paused(postgres.pid):
        response, _ = await ask(outside, "{ __typename viewer { id } }")
        assert (response.status_code, response.json()["data"]["__typename"]) == (200, "Query")
    await wait_until_ready(outside)


async def test_a_restart_of_postgres_is_unavailable_and_not_internal(
    outside: httpx.AsyncClient, server: Server, postgres: Postgres
) -> None:
    restarting = asyncio.create_task(asyncio.to_thread(postgres.restart))
    seen: set[str] = set()
    while not restarting.done():
        seen |= set(codes((await ask(outside, OFFERS))[0]))
    await restarting
    assert seen <= {"UNAVAILABLE"}
    await asyncio.sleep(READY_SECONDS)  # until then, /ready may repeat what was true before
    await wait_until_ready(outside)
    assert codes((await ask(outside, OFFERS))[0]) == []
    assert "Traceback" not in server.log.read_text()


async def test_a_redis_that_hangs_makes_no_request_fail(
    outside: httpx.AsyncClient, valkey: Valkey
) -> None:
    with paused(valkey.pid):
        for query in (OFFERS, LOG_IN) * 2:
            response, seconds = await ask(outside, query)
            assert codes(response) == []
            assert seconds < DEADLINE_SECONDS
        assert (await outside.get("/ready")).status_code == 200
    response, _ = await ask(outside, OFFERS)
    assert response.json()["data"] == {"offers": {"nodes": []}}


async def test_a_statement_that_hangs_ends_with_its_deadline(
    own_settings: Settings, postgres: Postgres, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also the rollback and the close of the connection end by then.

    SQLAlchemy would close it in good order, and wait for two more seconds.
    """
    database = Database(own_settings.sqlalchemy_url, pool=1)
    began = 0.0
    aborted: list[bool] = []
    close: Any = asyncpg.Connection.close

    async def record(connection: asyncpg.Connection, **given: Any) -> None:
        aborted.append(connection.is_closed())
        await close(connection, **given)

    monkeypatch.setattr(asyncpg.Connection, "close", record)
    with pytest.raises(Unavailable):
        async with database.session() as session, session.begin():
            await session.execute(text("SELECT 1"))
            with paused(postgres.pid):
                began = time.monotonic()
                await session.execute(text("SELECT 2"))
    assert all(aborted), "no connection waits for a good end"
    assert time.monotonic() - began < DEADLINE_SECONDS
    await database.close()


async def test_a_session_is_refused_at_once_after_three_outages(
    own_settings: Settings, postgres: Postgres
) -> None:
    """The negative control of the breaker: the first three wait, the fourth does not."""
    database = Database(own_settings.sqlalchemy_url, pool=1)
    waited = []
    with paused(postgres.pid):
        for _ in range(4):
            began = time.monotonic()
            with pytest.raises(Unavailable):
                async with database.session() as session:
                    await session.connection()
            waited.append(time.monotonic() - began)
    assert min(waited[:3]) > CONNECT_SECONDS / 2
    assert waited[3] < min(waited[:3]) / 2
    await database.close()
