"""Operations asked for by the sha256 of their document: Apollo's APQ, and trusted documents.

https://www.apollographql.com/docs/apollo-server/performance/apq
"""

from collections import OrderedDict
from collections.abc import Mapping

import structlog
from redis.asyncio import Redis
from redis.exceptions import RedisError

from core import metrics
from core.trusted_documents import sha256
from engine.error_codes import Fault
from engine.limits.extension import refused
from web.graphql.graphql_request import SHA256, GraphQLRequest

DAY = 86_400
LONGEST = 20_000  # characters; longer documents run, but are not kept
KEPT_HERE = 500
KEPT = 5_000

# A day or the newest 5,000, for whoever asks may keep. Those pushed out are sent again.
KEEP = """
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
    """Finds documents in this process, then in Redis; with trusted ones, among them alone.

    With Redis down a document is just not found, and the client sends it whole.
    """

    def __init__(self, redis_url: str, trusted: Mapping[str, str] | None = None) -> None:
        self._redis = Redis.from_url(
            redis_url, socket_timeout=0.5, socket_connect_timeout=0.5, decode_responses=True
        )
        self._keep = self._redis.register_script(KEEP)
        self._trusted = trusted
        self._here: OrderedDict[str, str] = OrderedDict()

    async def text(self, asked: GraphQLRequest) -> str:
        """The document to run: BAD_USER_INPUT or PERSISTED_QUERY_NOT_FOUND if there is none."""
        if asked.query and asked.sha256 and sha256(asked.query) != asked.sha256:
            raise refused(Fault.BAD_USER_INPUT, "The hash is not the sha256 of `query`.")
        if asked.query and self._trusted is None:
            return asked.query
        found = await self._find(asked.sha256 or "")
        metrics.DOCUMENTS.labels("unknown" if found is None else "found").inc()
        if found is None:
            raise refused(Fault.PERSISTED_QUERY_NOT_FOUND, "PersistedQueryNotFound")
        return found

    async def keep(self, asked: GraphQLRequest) -> None:
        """Keep a document that came with its hash. Only ones that have run are worth it."""
        if not asked.query or not asked.sha256 or self._trusted is not None:
            return
        if asked.sha256 in self._here or len(asked.query) > LONGEST:
            return
        self._remember(asked.sha256, asked.query)
        try:
            await self._keep(keys=[_key(asked.sha256), _key("all")], args=[asked.query, DAY, KEPT])
        except (RedisError, OSError) as error:
            log.warning("documents.unavailable", error=str(error))

    async def close(self) -> None:
        await self._redis.aclose()

    async def _find(self, name: str) -> str | None:
        if self._trusted is not None:
            return self._trusted.get(name)
        if name in self._here:
            self._here.move_to_end(name)
            return self._here[name]
        if not SHA256.fullmatch(name):
            return None
        try:
            found: str | None = await self._redis.get(_key(name))
        except (RedisError, OSError) as error:
            log.warning("documents.unavailable", error=str(error))
            return None
        if found is not None:
            self._remember(name, found)
        return found

    def _remember(self, name: str, document: str) -> None:
        self._here[name] = document
        if len(self._here) > KEPT_HERE:
            self._here.popitem(last=False)


def _key(name: str) -> str:
    return f"haat:document:{name}"
