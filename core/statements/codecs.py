"""How values are sent to PostgreSQL, and read from it, on connections of asyncpg that only read."""

from datetime import UTC, datetime, timedelta
from functools import lru_cache

import asyncpg

from core import jsonb

# PostgreSQL counts microseconds from here.
EPOCH = datetime(2000, 1, 1, tzinfo=UTC)
MICROSECOND = timedelta(microseconds=1)
JSONB_VERSION = b"\x01"
MAX_KEPT_TIMES = 4_096  # about 1 MB
MAX_KEPT_TEXTS, MAX_KEPT_BYTES = 2_048, 2_048  # 8 MB at most


async def set_codecs(connection: asyncpg.Connection) -> None:
    """Read and write `jsonb` and times as the driver and SQLAlchemy do together, in less time.

    Values of `jsonb` are decoded from bytes: a text in between took as long as the JSON in it. They
    are sent as text. `timestamptz` cannot be infinite here: the driver's own value for that is no
    time of a calendar, and no column has it.
    """
    await connection.set_type_codec(
        "jsonb", encoder=_encode_json, decoder=_decode_json, schema="pg_catalog", format="binary"
    )
    await connection.set_type_codec(
        "timestamptz",
        encoder=_encode_time,
        decoder=_decode_time,
        schema="pg_catalog",
        format="tuple",
    )


def _encode_json(text: str) -> bytes:
    return JSONB_VERSION + text.encode()


def _decode_json(value: bytes) -> object:
    texts = _decode_texts(value) if len(value) <= MAX_KEPT_BYTES else None
    return jsonb.decode(value[1:]) if texts is None else texts.copy()


@lru_cache(maxsize=MAX_KEPT_TEXTS)
def _decode_texts(value: bytes) -> dict[str, str] | None:
    """Return an object of texts, such as a title in several languages. None for other JSON.

    A value has at most `MAX_KEPT_BYTES`, so that the cache has a bound.
    Those of the same rows are read again and again: 60 in a page of offers. Callers get copies,
    which take less than half of the time of decoding.
    """
    decoded = jsonb.decode(value[1:])
    if isinstance(decoded, dict) and all(isinstance(one, str) for one in decoded.values()):
        return decoded
    return None


def _encode_time(time: datetime) -> tuple[int]:
    return ((time - EPOCH) // MICROSECOND,)


@lru_cache(maxsize=MAX_KEPT_TIMES)
def _decode_time(value: tuple[int]) -> datetime:
    """Return the time. The same rows are read again and again, and the driver's takes 0.4 µs."""
    seconds, microseconds = divmod(value[0], 1_000_000)
    return EPOCH + timedelta(0, seconds, microseconds)
