"""Plants a word in every column of a person that takes it, and looks for it everywhere."""

from collections.abc import Iterator
from uuid import UUID

from sqlalchemy import Column, String, Text, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.exc import DBAPIError

from core.database import Database
from core.settings import Settings
from models.personal_data import Declared, Erase, Personal, class_of
from services.privacy.owned_rows import of_person, quoted, rows_of, tables
from tests.domains import of_domains
from tests.factories.redemptions import Till
from tests.factories.world import World

WORD = "quillfeather"
EMAIL = f"zaphyra@{WORD}.example"
PLANTED = (f"Zaphyra {WORD.title()}", f"+91 {WORD}", EMAIL, WORD)

# VACUUM FULL writes the rows that exist to new files, without free space that has old ones.
RELATIONS = text(
    """
    SELECT relname, pg_relation_filepath(oid) FROM pg_class
    WHERE relkind IN ('r', 'i', 't') AND pg_relation_filepath(oid) LIKE 'base/%'
        AND CAST(relnamespace AS regnamespace) IN ('public', 'pg_toast')
    """
)
HOLDS = text(
    "SELECT position(CAST(:word AS bytea) IN pg_read_binary_file(:path, 0, 100000000, true)) > 0"
)
TABLES = text(
    "SELECT relname FROM pg_class WHERE relkind = 'r'"
    " AND relnamespace = CAST('public' AS regnamespace)"
)


async def populate(world: World) -> Till:
    """Create a row in each table, those of persons mostly of one customer."""
    till = await Till.open(world, claimed=1)
    for domain in of_domains("models", "rows"):
        await domain.make(world, till)
    return till


async def plant(database: Database, person: UUID) -> dict[str, set[str]]:
    """Write the word to all texts of a person's rows. Returns the columns that took it."""
    found: dict[str, set[str]] = {}
    for declared in tables().values():
        if declared.privacy.has_persons and declared.privacy.erase is not Erase.RETAIN:
            for column in _texts(declared):
                if await _plant(database, declared, column, person):
                    found.setdefault(declared.table.name, set()).add(column.name)
    return found


def _texts(declared: Declared) -> Iterator[Column[object]]:
    """Yield the columns of texts that can be a person's."""
    for column in declared.table.columns:
        kind = type(column.type)
        stays = declared.privacy.blank.get(column.name) == column.name
        if stays or class_of(declared.privacy, column) is Personal.NONE:
            continue
        if kind in {String, Text, JSONB} or kind.__name__ == "AutoString":
            yield column


async def _plant(
    database: Database, declared: Declared, column: Column[object], person: UUID
) -> bool:
    """Try the forms of the word until the column's rules allow one."""
    for form in PLANTED:
        value = (
            f"to_jsonb(CAST('{form}' AS text))" if isinstance(column.type, JSONB) else f"'{form}'"
        )
        statement = (
            f"UPDATE {quoted(declared.table.name)} SET {quoted(column.name)} = {value}"
            f" WHERE {rows_of(declared)} RETURNING 1"
        )
        try:
            async with database.session() as session, session.begin():
                planted = (await session.execute(of_person(statement, person))).all()
                await session.execute(text("SET CONSTRAINTS ALL IMMEDIATE"))
        except DBAPIError:
            continue
        return bool(planted)
    return False


async def tables_with_the_word(database: Database, word: str = WORD) -> set[str]:
    """Return all tables with a row that has the word, also in bytes."""
    found = set()
    async with database.session() as session:
        for table in (await session.execute(TABLES)).scalars().all():
            statement = (
                f"SELECT EXISTS (SELECT FROM {quoted(table)} AS one"
                " WHERE CAST(one AS text) ILIKE '%' || CAST(:word AS text) || '%'"
                " OR CAST(one AS text) ILIKE '%' || CAST(:hex AS text) || '%')"
            )
            if await session.scalar(text(statement), {"word": word, "hex": word.encode().hex()}):
                found.add(table)
    return found


async def files_with_the_word(superuser: Database, word: str = WORD) -> set[str]:
    """Return the tables and indexes whose files have the word, after they were rewritten."""
    async with superuser.engine.connect() as connection:
        plain = await connection.execution_options(isolation_level="AUTOCOMMIT")
        await plain.execute(text("SET lock_timeout = '60s'"))  # other tests' workers have locks
        await plain.execute(text("VACUUM FULL"))
        await plain.execute(text("CHECKPOINT"))
        found = set()
        for name, path in (await plain.execute(RELATIONS)).all():
            for form in (word, word.title()):
                if await plain.scalar(HOLDS, {"word": form.encode(), "path": path}):
                    found.add(name)
    return found


def objects_with_the_word(settings: Settings) -> set[str]:
    paths = settings.objects_folder.rglob("*")
    return {path.name for path in paths if path.is_file() and WORD.encode() in path.read_bytes()}
