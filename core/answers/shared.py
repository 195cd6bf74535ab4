"""Answers that all processes share in Redis."""

import asyncio
from collections.abc import Collection, Mapping, Sequence
from typing import NamedTuple

import orjson
import structlog

from core.answers.kept_answer import KeptAnswer
from core.outages import REDIS_ERRORS
from core.redis.client import RedisClient
from core.topics import build_topic

PREFIX = "haat:answer"
VERSION_SECONDS = 86_400  # longer than any answer is kept
CHANNEL = "answers"

Versions = Sequence[str | None]

log = structlog.get_logger(__name__)


class FoundAnswer(NamedTuple):
    """The versions of the tables; and an answer that is of these, with its seconds left."""

    versions: Versions
    answer: KeptAnswer | None = None
    seconds: float = 0


class SharedAnswers:
    """Stores answers with the versions of the tables that they were read from.

    An answer is not found once a table has another version, and expires with its own time: Redis
    holds at most what was asked for twice within a minute. Without Redis nothing is found.
    """

    def __init__(self, redis_url: str, tables: Collection[str]) -> None:
        self._redis = RedisClient(redis_url, "public_answers")
        self._tables = sorted(tables)
        self._changed: set[str] = set()
        self._publishing: asyncio.Task[None] | None = None

    async def find(self, key: bytes) -> FoundAnswer | None:
        """Return an answer, or the versions to store one with. None without Redis."""
        name = _key(key)
        try:
            async with self._redis.pipeline(transaction=True) as pipe:
                pipe.get(name)
                pipe.pttl(name)
                pipe.mget([version_key(one) for one in self._tables])
                stored, left, versions = await pipe.execute()
        except REDIS_ERRORS as error:
            log.warning("public_answers.unavailable", error=str(error))
            return None
        if stored is None or left <= 0:
            return FoundAnswer(versions)
        head, _, beginning = stored.partition("\n")
        facts = orjson.loads(head)
        now = self._of(versions, facts["tables"])
        if now != facts["versions"]:
            return FoundAnswer(versions)
        answer = KeptAnswer(
            beginning.encode(), facts["points"], facts["tables"], float(facts["seconds"])
        )
        return FoundAnswer(versions, answer, left / 1000)

    async def store(self, key: bytes, answer: KeptAnswer, versions: Versions) -> None:
        """Store an answer with the versions that were found before it was read."""
        facts = {
            "tables": sorted(answer.tables),
            "versions": self._of(versions, sorted(answer.tables)),
            "points": answer.points,
            "seconds": answer.seconds,
        }
        value = b"%s\n%s" % (orjson.dumps(facts), answer.beginning)
        try:
            await self._redis.set(_key(key), value, px=round(answer.seconds * 1000))
        except REDIS_ERRORS as error:
            log.warning("public_answers.unavailable", error=str(error))

    def note_changes(self, tables: Collection[str]) -> None:
        """Give changed tables a new version, and signal `topic_of` each to all processes.

        Call it after the commit. It returns at once and never fails: without Redis, answers end
        with their time.
        """
        self._changed.update(tables)
        if self._changed and self._publishing is None:
            self._publishing = asyncio.create_task(self._publish())

    async def close(self) -> None:
        if self._publishing is not None:
            await self._publishing
        await self._redis.aclose()

    async def _publish(self) -> None:
        while self._changed:
            changed, self._changed = self._changed, set()
            try:
                async with self._redis.pipeline(transaction=False) as pipe:
                    for table in sorted(changed):
                        pipe.incr(version_key(table))
                        pipe.expire(version_key(table), VERSION_SECONDS)
                        pipe.publish(topic_of(table), "")
                    await pipe.execute()
            except REDIS_ERRORS as error:
                log.warning("public_answers.unavailable", error=str(error))
        self._publishing = None

    def _of(self, versions: Versions, tables: Sequence[str]) -> list[str | None]:
        known: Mapping[str, str | None] = dict(zip(self._tables, versions, strict=True))
        return [known[one] for one in tables]


def topic_of(table: str) -> str:
    """Return the topic that is signalled when a table has changed."""
    return build_topic(CHANNEL, table)


def version_key(table: str) -> str:
    return f"{PREFIX}:version:{table}"


def _key(key: bytes) -> str:
    return f"{PREFIX}:{key.hex()}"
