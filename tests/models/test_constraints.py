"""Every rule that the database holds by itself refuses SQL that goes past all of the code."""

from uuid import UUID

import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError
from sqlmodel import SQLModel

import models.registry  # noqa: F401
from core.database import Database, constraint
from tests.domains import of_domains
from tests.factories.world import World
from tests.models.sql import change, copy

# Each domain names its constraints with SQL that violates them (`RULES`), and SQL that is valid.
DOMAINS = of_domains("models", "rules")
# Columns to change with a foreign key, so that no other constraint fails first.
WITH = {
    name: f", {values}"
    for domain in DOMAINS
    for name, values in getattr(domain, "WITH", {}).items()
}
# Values of copies, for tables whose rows a trigger keeps from being changed, or a foreign key.
COPIED: dict[str, dict[str, object]] = {
    name: values for domain in DOMAINS for name, values in getattr(domain, "COPIED", {}).items()
}


def without_target(table: str, column: str, name: str) -> str:
    if table in COPIED:
        values = COPIED.get(name, COPIED[table])
        return copy(table, **values | {column: str(UUID(int=1))})
    return change(table, f"{column} = gen_random_uuid()" + WITH.get(name, ""))


FOREIGN = sorted(
    (name, without_target(table.name, key.column_keys[0], name))
    for table in SQLModel.metadata.sorted_tables
    for key in table.foreign_key_constraints
    if (name := str(key.name))
)
OURS = [rule for domain in DOMAINS for rule in domain.RULES]
PASSING = [statement for domain in DOMAINS for statement in getattr(domain, "PASSING", ())]
RULES = [*OURS, *FOREIGN]


async def run(database: Database, statements: str) -> None:
    """To the point where a commit would follow, and back."""
    async with database.session() as session:
        for statement in (*statements.split(";"), "SET CONSTRAINTS ALL IMMEDIATE"):
            await session.execute(text(statement))


@pytest.mark.parametrize(("name", "statement"), RULES)
async def test_rule_refuses(peopled: World, superuser: Database, name: str, statement: str) -> None:
    refused = None
    try:
        await run(superuser, statement)
    except IntegrityError as error:
        refused = constraint(error)
    assert refused == name, (
        "None means that nothing was refused: the table has no row, which `rows.py` of"
        " tests/models/<domain> makes, or the constraint allows the SQL"
    )


@pytest.mark.parametrize("statement", PASSING)
async def test_rule_accepts_valid_code(peopled: World, superuser: Database, statement: str) -> None:
    await run(superuser, statement)


async def test_every_constraint_is_tested_here(database: Database) -> None:
    rules = """
        SELECT conname FROM pg_constraint JOIN pg_class ON pg_class.oid = conrelid
        WHERE connamespace = 'public'\\:\\:regnamespace AND contype IN ('c', 'u', 'f', 'x')
            AND relname !~ '^procrastinate'
        UNION
        SELECT relname FROM pg_index JOIN pg_class ON pg_class.oid = indexrelid
        WHERE relnamespace = 'public'\\:\\:regnamespace AND indisunique AND NOT indisprimary
            AND relname !~ 'procrastinate'
    """
    async with database.session() as session:
        held = set((await session.execute(text(rules))).scalars())
    tested = {name for name, _ in RULES}
    assert held == tested, (
        "list each constraint, with SQL that it refuses, in `rules.py` of tests/models/<domain>"
    )
