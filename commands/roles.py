"""The roles of PostgreSQL: the one that owns the tables, and that of servers and workers."""

from dataclasses import dataclass

from sqlalchemy import text
from sqlmodel.ext.asyncio.session import AsyncSession

from commands.connections import open_session, read_database_state
from core.settings import Settings, SettingsInvalid
from models.registry import append_only_tables

IDENTITY = text(
    """
    SELECT current_user, current_database(), system_identifier FROM pg_control_system()
    """
)
FOREIGN_OWNER = text(
    """
    SELECT tableowner, current_user FROM pg_tables WHERE tablename = 'alembic_version'
        AND schemaname = current_schema() AND NOT pg_has_role(tableowner, 'USAGE')
    """
)
# A member of the owner can act as the owner, and a superuser is a member of every role.
RIGHTS = text(
    """
    WITH relation AS (
        SELECT oid, relname, relname = ANY(CAST(:append_only AS text[])) AS append_only,
            pg_has_role(relowner, 'MEMBER') AS owned
        FROM pg_class WHERE relnamespace = current_schema()::regnamespace AND relkind IN ('r', 'p')
            AND relowner IN (SELECT relowner FROM pg_class WHERE oid = 'alembic_version'::regclass)
    )
    SELECT current_user, array_remove(array_agg(CASE WHEN append_only AND (owned
            OR has_table_privilege(oid, 'DELETE') OR has_table_privilege(oid, 'TRUNCATE')
            OR has_any_column_privilege(oid, 'UPDATE')
        ) THEN relname::text END ORDER BY relname), NULL),
        array_remove(array_agg(CASE WHEN NOT (has_table_privilege(oid, 'SELECT')
            AND (relname = 'alembic_version' OR has_table_privilege(oid, 'INSERT'))
            AND (append_only OR relname = 'alembic_version'
                OR has_table_privilege(oid, 'UPDATE') AND has_table_privilege(oid, 'DELETE'))
        ) THEN relname::text END ORDER BY relname), NULL),
        has_schema_privilege(current_schema(), 'CREATE')
    FROM relation
    """
)


@dataclass(frozen=True)
class Rights:
    """Tables on which the role of DATABASE_URL has more rights than it needs, or fewer."""

    role: str
    changeable: list[str]
    lacking: list[str]
    can_create: bool


@dataclass(frozen=True)
class Migration:
    """The revision of the database, and the role that gets rights on what a migration creates."""

    former: str
    application_role: str | None


async def prepare_migration(settings: Settings) -> Migration:
    """Connect as the owner and as the application.

    Raises `SettingsInvalid` if the URLs name different databases, or MIGRATIONS_URL not the owner
    of the tables; or `Unreachable`. A sole role that is not the owner is refused if it has to
    migrate.
    """
    role = await _find_application_role(settings)
    async with open_session(settings, as_owner=True) as session:
        names = (await session.execute(FOREIGN_OWNER)).first()
        if names and settings.migrations_url:
            raise SettingsInvalid(
                f"MIGRATIONS_URL: the tables belong to {names[0]}, and {names[1]} has not its"
                " rights. Name the role that owns the tables."
            )
        state = await read_database_state(session)
    if names and not state.is_migrated:
        raise SettingsInvalid(
            f"DATABASE_URL: the tables belong to {names[0]}, so {names[1]} cannot migrate them. Set"
            f" MIGRATIONS_URL to connect as {names[0]}."
        )
    return Migration(state.migration, role)


async def _find_application_role(settings: Settings) -> str | None:
    """Return the role of servers and workers, or None if it is the one that migrates."""
    if not settings.migrations_url:
        return None
    async with open_session(settings, as_owner=True) as session:
        owner, *place = (await session.execute(IDENTITY)).one()
    async with open_session(settings) as session:
        role, *same = (await session.execute(IDENTITY)).one()
    if place != same:
        raise SettingsInvalid(
            f"MIGRATIONS_URL names the database {place[0]!r}, and DATABASE_URL another one,"
            f" {same[0]!r}, or another server. Name the same one in both, with different roles."
        )
    return None if role == owner else str(role)


async def describe_rights(settings: Settings) -> str:
    """Return whether more than triggers protects the append-only tables.

    Raises `SettingsInvalid` if the role of DATABASE_URL lacks rights, or has too many although
    MIGRATIONS_URL names another one.
    """
    await prepare_migration(settings)
    async with open_session(settings) as session:
        found = await _read_rights(session)
    if found.lacking:
        others = " and others" if found.lacking[3:] else ""
        raise SettingsInvalid(
            f"DATABASE_URL: {found.role} lacks rights on {', '.join(found.lacking[:3])}{others}."
            " Run `haat migrate` with MIGRATIONS_URL."
        )
    if found.changeable:
        return _explain_unprotected(settings, found)
    note = (
        ". It can create tables: run `REVOKE CREATE ON SCHEMA public FROM PUBLIC` as the owner of"
        " the schema"
        if found.can_create
        else ""
    )
    return f"as {found.role}, which cannot change append-only tables{note}"


async def _read_rights(session: AsyncSession) -> Rights:
    values = {"append_only": append_only_tables()}
    return Rights(*(await session.execute(RIGHTS, values)).one())


def _explain_unprotected(settings: Settings, found: Rights) -> str:
    if settings.migrations_url:
        raise SettingsInvalid(
            f"DATABASE_URL: {found.role} can change {', '.join(found.changeable)}, although"
            " MIGRATIONS_URL is set. Use a role that is no superuser, owns no tables, and is"
            " no member of a role that does."
        )
    return (
        f"as {found.role}, which has the rights of the owner: only triggers protect the audit"
        " log and the ledgers. Set MIGRATIONS_URL, and give DATABASE_URL a role of its own"
    )
