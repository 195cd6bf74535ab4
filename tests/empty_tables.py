"""Empties the tables between tests."""

from sqlalchemy import text

from core.database import Database

MAX_BYTES_TO_DELETE = 1_000_000
# One statement, because the client's work for each is a tenth of that of a small test. It locks
# only what others have locked and what it deletes from: to lock all tables took 2 ms. It runs
# without triggers: those of foreign keys, so that the order does not matter, and those of
# append-only tables. The wait for locks ends with the statement's time.
EMPTY = text(
    f"""
    DO $$
    DECLARE
        busy text;
        every text;
        written text[];
        size bigint;
        one text;
    BEGIN
        SET LOCAL lock_timeout = 0;
        SELECT string_agg(DISTINCT quote_ident(relname), ', ') INTO busy
        FROM pg_locks JOIN pg_class ON pg_class.oid = relation
        WHERE pid <> pg_backend_pid() AND mode <> 'AccessShareLock'
            AND database = (SELECT oid FROM pg_database WHERE datname = current_database())
            AND relnamespace = 'public'::regnamespace AND relkind = 'r';
        IF busy IS NOT NULL THEN
            EXECUTE 'LOCK TABLE ' || busy || ' IN EXCLUSIVE MODE';
        END IF;
        SELECT string_agg(name, ', '), array_agg(name) FILTER (WHERE bytes > 0), sum(bytes)
        INTO every, written, size
        FROM (
            SELECT quote_ident(relname) AS name, pg_relation_size(oid) AS bytes
            FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind = 'r'
                AND relname <> 'alembic_version'
            ORDER BY relname
        ) AS tables;
        SET LOCAL session_replication_role = replica;
        IF size > {MAX_BYTES_TO_DELETE} THEN
            EXECUTE 'TRUNCATE ' || every || ' RESTART IDENTITY CASCADE';
        ELSIF size > 0 THEN
            EXECUTE 'LOCK TABLE ' || array_to_string(written, ', ') || ' IN EXCLUSIVE MODE';
            FOREACH one IN ARRAY written LOOP
                EXECUTE 'DELETE FROM ' || one;
            END LOOP;
        END IF;
    END $$
    """
)


async def empty_tables(superuser: Database) -> None:
    """Delete all rows, after waiting for the transactions that are still writing.

    TRUNCATE creates new files for every table that refers to a written one, and for their
    indexes: 50 to 150 ms. A DELETE from the few tables with pages takes 5 ms. Deleted rows leave
    pages behind, so tables that have grown are truncated.
    """
    async with superuser.session() as session, session.begin():
        await session.execute(EMPTY)
