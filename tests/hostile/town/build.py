"""Grows the demo data to 200,000 offers, as copies inside PostgreSQL."""

from collections.abc import Mapping

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlmodel import SQLModel

import models.registry  # noqa: F401 - fills the metadata
from core.database import Database

BUILD_SECONDS = 120  # for each statement, on a busy machine
COPIES = 65  # the demo data has about 3,000 offers
COPIED_TABLES = ("vendor", "offer", "listing", "listing_pin", "listing_rank")
REFERENCES = {
    "offer": {"vendor_id"},
    "listing": {"offer_id", "vendor_id"},  # the unit of work writes them, not PostgreSQL
    "listing_pin": {"offer_id"},
    "listing_rank": {"offer_id"},
}
SLOW_INDEXES = (
    "offer_search_idx",
    "offer_terms_idx",
    "offer_position_idx",
    "offer_pin_codes_idx",
    "listing_words_idx",
)


async def grow(database: Database, copies: int = COPIES) -> None:
    """Add copies of the vendors and their offers. Takes about 20 seconds.

    A copy's text is that of its original, so a search finds the same share of the offers.
    """
    async with database.engine.begin() as connection:
        definitions = await _drop_slow_indexes(connection)
        # The copies satisfy the foreign keys; to check 400,000 of them takes longer than the rest.
        await connection.execute(text("SET LOCAL session_replication_role = replica"))
        for table in COPIED_TABLES:
            await connection.execute(text(_copy(table)), {"copies": copies})
        words = "UPDATE term SET documents = documents * (:copies + 1)"
        await connection.execute(text(words), {"copies": copies})
        for definition in definitions:
            await connection.execute(text(definition))
    async with database.engine.connect() as connection:
        vacuumed = await connection.execution_options(isolation_level="AUTOCOMMIT")
        await vacuumed.execute(text("VACUUM ANALYZE"))


async def _drop_slow_indexes(connection: AsyncConnection) -> list[str]:
    """Drop the indexes that are faster to build than to maintain. Return their definitions."""
    definitions = []
    for name in SLOW_INDEXES:
        found = await connection.execute(
            text("SELECT indexdef FROM pg_indexes WHERE indexname = :name"), {"name": name}
        )
        definitions.append(found.scalar_one())
        await connection.execute(text(f"DROP INDEX {name}"))
    return definitions


def _copy(table: str) -> str:
    columns = [one.name for one in SQLModel.metadata.tables[table].columns if one.computed is None]
    changed: Mapping[str, str] = {
        "id": _copied_id("id"),
        "created_at": "created_at - number * interval '1 minute'",
        **{column: _copied_id(column) for column in REFERENCES.get(table, ())},
    }
    values = ", ".join(changed.get(name, f'"{name}"') for name in columns)
    names = ", ".join(f'"{name}"' for name in columns)
    return (
        f'INSERT INTO "{table}" ({names}) SELECT {values}'
        f' FROM "{table}", generate_series(1, :copies) AS number'
    )


def _copied_id(column: str) -> str:
    """Replace the random end of a UUIDv7, and keep its time."""
    return f"overlay({column}::text PLACING left(md5({column}::text || number), 12) FROM 25)::uuid"
