"""PostgreSQL, Valkey, the rows and the users of a run."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import asyncpg
import psutil

from benchmarks.load import numbering
from benchmarks.load.rows import insert_rows
from core.database import JOB_STATEMENT_SECONDS, Database
from core.runtime.embedded import Servers, servers
from core.security.key_file import NOT_ENCRYPTED
from core.security.signing_keys import SigningKeys
from tests.processes import done

USERS = 401  # a prime, so that in rotation every user asks for every page
TOKEN_MINUTES = 60
VIEWS = Path(__file__).parent / "postgraphile.sql"
# In production, Haat refuses to start beside demo accounts with their public password.
CLOSE_DEMO_ACCOUNTS = """
    UPDATE "user" SET password_hash = NULL WHERE password_hash IS NOT NULL;
    UPDATE user_session SET ended_at = now() WHERE ended_at IS NULL
        AND user_id IN (SELECT id FROM "user" WHERE email IS NOT NULL);
"""
# Haat lists offers by when they were published. The others sort by the index of `created_at`.
PUBLISH_AS_CREATED = """
    UPDATE offer SET published_at = created_at WHERE published_at IS NOT NULL;
    UPDATE listing SET published_at = o.created_at FROM offer o WHERE o.id = offer_id;
    UPDATE listing_pin SET published_at = o.created_at FROM offer o WHERE o.id = offer_id;
"""


@dataclass(frozen=True)
class Stack:
    folder: Path
    servers: Servers
    postmaster: psutil.Process
    tokens: list[str]
    description: str


@contextmanager
def start_stack(folder: Path) -> Iterator[Stack]:
    folder.chmod(0o755)  # PostgreSQL runs as another user if we are root
    keys_file = folder / "keys.json"
    SigningKeys.generate().save(keys_file, NOT_ENCRYPTED)
    keys = SigningKeys.load(keys_file, NOT_ENCRYPTED)
    with servers(folder) as running:
        settings = running.environment() | {
            "KEYS_FILE": str(keys_file),
            "OUTBOX": str(folder / "outbox"),
            "OBJECTS_FOLDER": str(folder / "objects"),
        }
        done("migrate", MIGRATIONS_URL=running.migrations_url, **settings)
        done("seed", **settings)
        description = asyncio.run(_prepare_rows(running.migrations_url))
        postmaster = int((folder / "postgres/postmaster.pid").read_text().split()[0])
        users = (numbering.uuid_of(numbering.USER, number) for number in range(USERS))
        yield Stack(
            folder=folder,
            servers=running,
            postmaster=psutil.Process(postmaster),
            tokens=[keys.sign_access(id, id, TOKEN_MINUTES)[0] for id in users],
            description=description,
        )


async def _prepare_rows(url: str) -> str:
    """Insert the rows of the load and the views. Return what there is."""
    database = Database(
        url.replace("postgresql://", "postgresql+asyncpg://"),
        statement_seconds=JOB_STATEMENT_SECONDS,
    )
    try:
        async with database.engine.begin() as connection:
            await insert_rows(connection, USERS)
    finally:
        await database.close()
    direct = await asyncpg.connect(url)
    try:
        await direct.execute(CLOSE_DEMO_ACCOUNTS)
        await direct.execute(PUBLISH_AS_CREATED)
        await direct.execute(VIEWS.read_text())
        await direct.execute("VACUUM ANALYZE")
        counts = [
            f"{await direct.fetchval(f'SELECT count(*) FROM {table}'):,} {name}"  # noqa: S608
            for table, name in (
                ("offer", "offers"),
                ("vendor", "vendors"),
                ("offer_like", "likes"),
            )
        ]
        version = await direct.fetchval("SHOW server_version")
    finally:
        await direct.close()
    return f"PostgreSQL {version}, {', '.join(counts)}"
