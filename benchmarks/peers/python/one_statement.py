"""Answers a page with the text that one SQL statement returns: no GraphQL, no rows in Python."""

import base64
import os

import asyncpg
import orjson
from starlette.types import Receive, Scope, Send

LIVE = """
    o.state = 'PUBLISHED' AND o.ends_at > now()
    AND o.vendor_id IN (SELECT id FROM vendor WHERE status = 'APPROVED')
"""
VENDOR_OFFERS = """
    , 'offers', (
        SELECT coalesce(json_agg(json_build_object(
            'id', o.id, 'title', o.title ->> o.locale, 'endsAt', o.ends_at,
            'remaining', o.capacity - o.claimed
        ) ORDER BY o.created_at DESC, o.id DESC), '[]')
        FROM (
            SELECT * FROM offer o WHERE o.vendor_id = v.id AND {live}
            ORDER BY o.created_at DESC, o.id DESC LIMIT 3
        ) o
    )
"""
PAGE = """
    WITH page AS MATERIALIZED (
        SELECT * FROM offer o WHERE {live} {after}
        ORDER BY o.created_at DESC, o.id DESC LIMIT 21
    ), shown AS (
        SELECT * FROM page ORDER BY created_at DESC, id DESC LIMIT 20
    )
    SELECT json_build_object('data', json_build_object('offers', json_build_object(
        'nodes', (
            SELECT json_agg(json_build_object(
                'id', o.id, 'title', o.title ->> o.locale,
                'description', coalesce(o.description ->> o.locale, ''),
                'state', o.state, 'startsAt', o.starts_at, 'endsAt', o.ends_at,
                'capacity', o.capacity, 'claimed', o.claimed, 'remaining', o.capacity - o.claimed,
                'latitude', o.latitude, 'longitude', o.longitude,
                'likeCount', (SELECT count(*) FROM offer_like WHERE offer_id = o.id),
                'vendor', json_build_object(
                    'id', v.id, 'name', v.name, 'city', v.city, 'country', v.country
                    {vendor_offers}
                ),
                'category', json_build_object('id', c.id, 'name', c.name ->> 'en')
            ) ORDER BY o.created_at DESC, o.id DESC)
            FROM shown o JOIN vendor v ON v.id = o.vendor_id JOIN category c ON c.id = o.category_id
        ),
        'pageInfo', json_build_object(
            'hasNextPage', (SELECT count(*) FROM page) > 20,
            'endCursor', (
                SELECT translate(encode(convert_to(created_at || '|' || id, 'UTF8'), 'base64'),
                    E'\\n', '')
                FROM shown ORDER BY created_at, id LIMIT 1
            )
        )
    )))::text
"""
AFTER = "AND (o.created_at, o.id) < ($1::text::timestamptz, $2::text::uuid)"


def _statements(vendor_offers: str) -> tuple[str, str]:
    """Return the statement of the first page, and of one after a cursor."""
    first, next = (
        PAGE.format(live=LIVE, after=after, vendor_offers=vendor_offers.format(live=LIVE))
        for after in ("", AFTER)
    )
    return first, next


STATEMENTS = {"/list": _statements(""), "/nested": _statements(VENDOR_OFFERS)}


class StatementServer:
    pool: asyncpg.Pool

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await self._live(receive, send)
            return
        answer = b"{}"
        if scope["path"] in STATEMENTS:
            answer = await self._answer(scope["path"], (await receive())["body"])
        headers = [
            (b"content-type", b"application/json"),
            (b"content-length", str(len(answer)).encode()),
        ]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": answer})

    async def _live(self, receive: Receive, send: Send) -> None:
        await receive()
        size = int(os.environ["DATABASE_POOL"])
        url = os.environ["DATABASE_URL"]
        self.pool = await asyncpg.create_pool(url, min_size=size, max_size=size)
        await send({"type": "lifespan.startup.complete"})
        await receive()
        await self.pool.close()
        await send({"type": "lifespan.shutdown.complete"})

    async def _answer(self, path: str, body: bytes) -> bytes:
        first, next = STATEMENTS[path]
        after = orjson.loads(body)["variables"]["after"]
        place = base64.b64decode(after).decode().split("|") if after else []
        answer: str = await self.pool.fetchval(next if place else first, *place)
        return answer.encode()


app = StatementServer()
