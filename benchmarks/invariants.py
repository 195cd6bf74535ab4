"""Checks the invariants after the load, including the rows that pgbench wrote."""

import asyncio
from importlib import import_module
from importlib.util import find_spec

from sqlalchemy import text

from core.database import JOB_STATEMENT_SECONDS, Database

FALLBACK_QUERIES = {
    "offers oversold": "SELECT count(*) FROM offer WHERE claimed > capacity",
    "offers with a wrong voucher count": """
        SELECT count(*) FROM offer WHERE claimed <> (
            SELECT count(*) FROM voucher WHERE offer_id = offer.id AND state <> 'CANCELLED')""",
    "vouchers redeemed without an approved attempt": """
        SELECT count(*) FROM voucher WHERE state = 'REDEEMED' AND NOT EXISTS (
            SELECT FROM redemption WHERE voucher_id = voucher.id AND outcome = 'APPROVED')""",
    "topics with a gap": """
        SELECT count(*) FROM topic WHERE seq <> (
            SELECT count(*) FROM journal_entry WHERE topic = topic.topic)""",
}


def describe_invariants(url: str) -> str:
    """Return the result in one sentence.

    Without an installed `tests.invariants`, a few queries must do.
    """
    return asyncio.run(_check(url))


async def _check(url: str) -> str:
    database = Database(url, statement_seconds=JOB_STATEMENT_SECONDS)
    try:
        if find_spec("tests.invariants"):
            try:
                found = await import_module("tests.invariants").check_invariants(database)
            except AssertionError as error:
                found = error
            return f"Invariants broken: {found}" if found else "All invariants hold after the load."
        async with database.engine.connect() as connection:
            counts = {
                name: await connection.scalar(text(sql)) for name, sql in FALLBACK_QUERIES.items()
            }
    finally:
        await database.close()
    broken = [f"{count} {name}" for name, count in counts.items() if count]
    return f"Broken: {', '.join(broken)}" if broken else "All checked invariants hold."
