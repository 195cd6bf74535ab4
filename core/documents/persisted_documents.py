"""A shared store of GraphQL documents by the SHA-256 of their text."""

import re
from collections import OrderedDict
from collections.abc import Mapping

import structlog

from core.observability import metrics
from core.outages import REDIS_ERRORS
from core.redis.client import RedisClient

SHA256 = re.compile(r"[0-9a-f]{64}")
TTL_SECONDS = 86_400
MAX_DOCUMENT_LENGTH = 20_000  # characters; longer documents run, but are not stored
LOCAL_CACHE_SIZE = 500
REDIS_CACHE_SIZE = 5_000

# Any client can store a document, so the store is bounded: one day, and the newest 5,000.
# A client resends a document that was evicted.
STORE = """
redis.call('SET', KEYS[1], ARGV[1], 'EX', ARGV[2])
redis.call('ZADD', KEYS[2], redis.call('TIME')[1], KEYS[1])
local over = redis.call('ZCARD', KEYS[2]) - tonumber(ARGV[3])
if over > 0 then
  local oldest = redis.call('ZPOPMIN', KEYS[2], over)
  for at = 1, #oldest, 2 do redis.call('DEL', oldest[at]) end
end
"""

log = structlog.get_logger(__name__)


class PersistedDocuments:
    """Looks documents up in this process, then in Redis; with trusted documents, only in those.

    If Redis is down, a document is not found, and the client sends its full text.
    """

    def __init__(self, redis_url: str, trusted: Mapping[str, str] | None = None) -> None:
        self._redis = RedisClient(redis_url, "persisted_documents")
        self._script = self._redis.register_script(STORE)
        self._trusted = trusted
        self._local: OrderedDict[str, str] = OrderedDict()

    @property
    def only_trusted(self) -> bool:
        """Whether only trusted documents may run. The store is read-only then."""
        return self._trusted is not None

    async def find(self, sha256: str) -> str | None:
        found = await self._find(sha256)
        self.count(found)
        return found

    def find_here(self, sha256: str) -> str | None:
        """Return a document that this process knows. It is not counted."""
        if self._trusted is not None:
            return self._trusted.get(sha256)
        if sha256 in self._local:
            self._local.move_to_end(sha256)
        return self._local.get(sha256)

    def count(self, found: str | None) -> None:
        """Count a lookup by its result."""
        metrics.DOCUMENTS.labels("unknown" if found is None else "found").inc()

    async def store(self, sha256: str, document: str) -> None:
        """Store a document unless it is stored already or longer than 20,000 characters."""
        if self.only_trusted or sha256 in self._local or len(document) > MAX_DOCUMENT_LENGTH:
            return
        self._cache(sha256, document)
        keys = [_key(sha256), _key("all")]
        try:
            await self._script(keys=keys, args=[document, TTL_SECONDS, REDIS_CACHE_SIZE])
        except REDIS_ERRORS as error:
            log.warning("persisted_documents.unavailable", error=str(error))

    async def close(self) -> None:
        await self._redis.aclose()

    async def _find(self, sha256: str) -> str | None:
        known = self.find_here(sha256)
        if known is not None or self.only_trusted:
            return known
        if not SHA256.fullmatch(sha256):
            return None
        try:
            found: str | None = await self._redis.get(_key(sha256))
        except REDIS_ERRORS as error:
            log.warning("persisted_documents.unavailable", error=str(error))
            return None
        if found is not None:
            self._cache(sha256, found)
        return found

    def _cache(self, sha256: str, document: str) -> None:
        self._local[sha256] = document
        if len(self._local) > LOCAL_CACHE_SIZE:
            self._local.popitem(last=False)


def _key(name: str) -> str:
    return f"haat:document:{name}"
