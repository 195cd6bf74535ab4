"""The ledger: the rules of its nightly sweep, as far as they hold for rows that tests plant.

Tests of the ledger post money without payments, and tests of orders ship without parcels.
`check_books` has all rules, for tests that plant neither.
"""

from sqlalchemy import text

from core.database import Database
from services.ledger.sweep.rules import RULES

ALL = f"SELECT rule, subject AS row FROM ({RULES}) AS finding"
VIOLATIONS = text(f"{ALL} WHERE rule NOT IN ('EXPLAINED', 'UNCLAIMED', 'PARCELS')")


async def check_books(database: Database) -> None:
    """Raise an AssertionError that names what does not agree in the ledger and its open rows."""
    async with database.session() as session:
        found = [(rule, row) for rule, row in await session.execute(text(ALL))]
    assert not found, [f"{rule}: {row}" for rule, row in found]
