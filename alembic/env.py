"""Run migrations on the database in the settings, or on the one given by `-x url=…`."""

import asyncio

from alembic import context
from sqlalchemy import Connection, pool
from sqlalchemy.ext.asyncio import create_async_engine
from sqlmodel import SQLModel

import models.registry  # noqa: F401
from core.database import CONNECT_SECONDS
from core.settings import Settings

MIGRATION_LOCK = 0x68616174  # "haat"; servers that start at the same time migrate in turn


def is_ours(name: str | None, kind: str, parents: object) -> bool:
    return not (name or "").startswith(("procrastinate_", "alembic_"))


def migrate(connection: Connection) -> None:
    connection.exec_driver_sql(f"SELECT pg_advisory_lock({MIGRATION_LOCK})")
    context.configure(
        connection=connection,
        target_metadata=SQLModel.metadata,
        include_name=is_ours,
        compare_type=True,
        transaction_per_migration=True,
    )
    with context.begin_transaction():
        context.run_migrations()
    connection.exec_driver_sql(f"SELECT pg_advisory_unlock({MIGRATION_LOCK})")
    connection.commit()


async def main() -> None:
    url = context.get_x_argument(as_dictionary=True).get("url") or context.config.get_main_option(
        "sqlalchemy.url"
    )
    # A migration takes as long as it takes, whatever timeout the role or the database has.
    engine = create_async_engine(
        url or Settings.for_tools().sqlalchemy_url,
        poolclass=pool.NullPool,
        connect_args={
            "timeout": CONNECT_SECONDS,
            "server_settings": {"statement_timeout": "0"},
        },
    )
    async with engine.connect() as connection:
        await connection.run_sync(migrate)
    await engine.dispose()


asyncio.run(main())
