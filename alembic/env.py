"""Run migrations on the database in the settings, or on the one given by `-x url=…`.

The attribute `application_role` of the configuration names the role of servers and workers.
"""

import asyncio

from alembic import context
from sqlalchemy import Connection, pool
from sqlalchemy.ext.asyncio import create_async_engine
from sqlmodel import SQLModel

from core.database import CONNECT_SECONDS
from core.runtime.grants import set_grants
from core.settings import Settings
from models.registry import append_only_tables

MIGRATION_LOCK = 0x68616174  # "haat"; servers that start at the same time migrate in turn


def is_ours(name: str | None, kind: str, parents: object) -> bool:
    return not (name or "").startswith(("procrastinate_", "alembic_"))


def migrate(connection: Connection) -> None:
    def keep_grants(*_: object, **__: object) -> None:
        role = context.config.attributes.get("application_role")
        set_grants(connection, role, append_only_tables())

    connection.exec_driver_sql(f"SELECT pg_advisory_lock({MIGRATION_LOCK})")
    context.configure(
        connection=connection,
        target_metadata=SQLModel.metadata,
        include_name=is_ours,
        compare_type=True,
        transaction_per_migration=True,
        on_version_apply=keep_grants,
    )
    with context.begin_transaction():
        context.run_migrations()
    if "application_role" in context.config.attributes:  # also without a new migration
        keep_grants()
        connection.commit()
    connection.exec_driver_sql(f"SELECT pg_advisory_unlock({MIGRATION_LOCK})")
    connection.commit()


async def main() -> None:
    url = context.get_x_argument(as_dictionary=True).get("url") or context.config.get_main_option(
        "sqlalchemy.url"
    )
    # A migration takes as long as it takes, whatever timeout the role or the database has.
    engine = create_async_engine(
        url or Settings.for_tools().migrations_sqlalchemy_url,
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
