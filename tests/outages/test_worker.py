"""The worker's connections during an outage of PostgreSQL."""

import time

import pytest
from procrastinate.exceptions import ConnectorException
from psycopg_pool import AsyncConnectionPool

from core.database import JOB_STATEMENT_SECONDS
from core.redis.pubsub import PubSub
from core.settings import Settings
from jobs.worker import connector
from jobs.worker.connector import PubSubConnector
from tests.processes import free_port, paused
from tests.running import Postgres

PSYCOPG_CANCEL_SECONDS = 10.0  # it waits so long for the end of a query that it has cancelled


async def test_a_query_ends_although_postgres_hangs(
    own_settings: Settings, postgres: Postgres, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(connector, "JOB_STATEMENT_SECONDS", 0.5)
    monkeypatch.setattr(connector, "REPLY_SECONDS", 0.5)
    own = PubSubConnector(PubSub(own_settings.redis), own_settings.libpq_url)
    await own.open_async()
    with paused(postgres.pid):
        began = time.monotonic()
        with pytest.raises(ConnectorException):
            await own.execute_query_async("SELECT 1")
        assert time.monotonic() - began < PSYCOPG_CANCEL_SECONDS + 5
    assert (await own.execute_query_one_async("SELECT 1 AS one"))["one"] == 1
    await own.close_async()


async def test_the_pool_can_be_opened_again_after_an_outage(
    own_settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(AsyncConnectionPool.open, "__defaults__", (False, 0.5))
    away = f"postgresql://haat@127.0.0.1:{free_port()}/haat"
    own = PubSubConnector(PubSub(own_settings.redis), away)
    for _ in range(2):
        with pytest.raises(ConnectorException):
            await own.open_async()
    own._pool_args["conninfo"] = own_settings.libpq_url
    await own.open_async()
    assert (await own.execute_query_one_async("SELECT 1 AS one"))["one"] == 1
    await own.close_async()


async def test_postgres_ends_a_statement_of_the_queue(own_settings: Settings) -> None:
    own = PubSubConnector(PubSub(own_settings.redis), own_settings.libpq_url)
    await own.open_async()
    shown = await own.execute_query_one_async("SHOW statement_timeout")
    assert shown == {"statement_timeout": f"{JOB_STATEMENT_SECONDS}s"}
    await own.close_async()
