"""Whether everything is still true after the load, pgbench's part in it included."""

import asyncio
from importlib import import_module
from importlib.util import find_spec

from sqlalchemy import text

from core.database import Database

OWN = {
    "offers oversold": "SELECT count(*) FROM offer WHERE claimed > capacity",
    "offers that miscount their vouchers": """
        SELECT count(*) FROM offer WHERE claimed <> (
            SELECT count(*) FROM voucher WHERE offer_id = offer.id AND state <> 'CANCELLED')""",
    "vouchers redeemed without an approved attempt": """
        SELECT count(*) FROM voucher WHERE state = 'REDEEMED' AND NOT EXISTS (
            SELECT FROM redemption WHERE voucher_id = voucher.id AND outcome = 'APPROVED')""",
    "topics with a gap": """
        SELECT count(*) FROM topic WHERE seq <> (
            SELECT count(*) FROM journal_entry WHERE topic = topic.topic)""",
}


def check(url: str) -> str:
    """A sentence: by the sweep of the tests where there is one, else by a small one of our own."""
    return asyncio.run(_check(url))


async def _check(url: str) -> str:
    database = Database(url)
    try:
        if find_spec("tests.invariants"):
            try:
                found = await import_module("tests.invariants").check_invariants(database)
            except AssertionError as error:
                found = error
            return f"Invariants broken: {found}" if found else "All invariants hold after the load."
        async with database.engine.connect() as connection:
            counts = {name: await connection.scalar(text(sql)) for name, sql in OWN.items()}
    finally:
        await database.close()
    broken = [f"{count} {name}" for name, count in counts.items() if count]
    return f"Broken: {', '.join(broken)}" if broken else "Nothing is oversold or miscounted."
