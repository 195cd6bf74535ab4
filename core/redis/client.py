"""The Redis client of everything but limits and pub/sub."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from redis import exceptions
from redis.asyncio import BlockingConnectionPool, Redis
from redis.asyncio.client import Pipeline
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff

from core.circuit_breaker import CircuitBreaker
from core.redis.timeouts import REDIS_TIMEOUT_SECONDS, REDIS_TIMEOUTS

MAX_CONNECTIONS = 8
NO_ANSWERS = (exceptions.ConnectionError, exceptions.TimeoutError, OSError)


class RedisClient(Redis):
    """A client with 8 connections and a circuit breaker, for callers that can do without Redis.

    Thousands of simultaneous calls wait for their turn before they ask the breaker: if Redis
    hangs, the first ones fail after a second, and the others at once. Each command and pipeline
    raises one of `REDIS_ERRORS` then.
    """

    def __init__(self, redis_url: str, circuit: str) -> None:
        pool = BlockingConnectionPool.from_url(
            redis_url,
            max_connections=MAX_CONNECTIONS,
            timeout=REDIS_TIMEOUT_SECONDS,
            # One retry at once, for a connection that Redis has closed since. The default waits.
            retry=Retry(NoBackoff(), 1),
            decode_responses=True,
            **REDIS_TIMEOUTS,
        )
        super().__init__(connection_pool=pool)
        self.auto_close_connection_pool = True
        self._breaker = CircuitBreaker(circuit, *NO_ANSWERS)
        self._turns = asyncio.Semaphore(MAX_CONNECTIONS)

    @asynccontextmanager
    async def turn(self) -> AsyncIterator[None]:
        async with self._turns, self._breaker:
            yield

    async def execute_command(self, *args: Any, **options: Any) -> Any:
        async with self.turn():
            return await super().execute_command(*args, **options)  # type: ignore[no-untyped-call] # of redis-py

    def pipeline(self, transaction: bool = True, shard_hint: str | None = None) -> Pipeline:
        return RedisPipeline(self, transaction, shard_hint)


class RedisPipeline(Pipeline):
    """A pipeline under the breaker of its client."""

    def __init__(self, client: RedisClient, transaction: bool, shard_hint: str | None) -> None:
        pool, callbacks = client.connection_pool, client.response_callbacks
        super().__init__(pool, callbacks, transaction, shard_hint)
        self._client = client

    async def execute(self, raise_on_error: bool = True) -> list[Any]:
        async with self._client.turn():
            return await super().execute(raise_on_error)
