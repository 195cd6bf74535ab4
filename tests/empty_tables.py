"""Empties the tables between tests."""

from sqlalchemy import text

from core.database import Database

TABLES = text(
    """
    SELECT array_agg(quote_ident(relname) ORDER BY relname),
        array_agg(quote_ident(relname)) FILTER (WHERE pg_relation_size(oid) > 0),
        sum(pg_relation_size(oid))
    FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind = 'r'
        AND relname <> 'alembic_version'
    """
)
MAX_BYTES_TO_DELETE = 1_000_000


async def empty_tables(superuser: Database) -> None:
    """Delete all rows, after waiting for the transactions that are still writing.

    TRUNCATE creates new files for every table that refers to a written one, and for their
    indexes: 50 to 150 ms. A DELETE from the few tables with pages takes 5 ms. Deleted rows leave
    pages behind, so tables that have grown are truncated.
    """
    async with superuser.session() as session, session.begin():
        every, written, size = (await session.execute(TABLES)).one()
        # Without triggers: those of foreign keys, so that the order does not matter, and those of
        # append-only tables.
        await session.execute(text("SET LOCAL session_replication_role = replica"))
        if size > MAX_BYTES_TO_DELETE:
            await session.execute(text(f"TRUNCATE {', '.join(every)} RESTART IDENTITY CASCADE"))
        elif written:
            await session.execute(text(f"LOCK TABLE {', '.join(every)} IN EXCLUSIVE MODE"))
            for table in written:
                await session.execute(text(f"DELETE FROM {table}"))
