"""The ledger: the rules of its nightly sweep, as far as they hold for rows that tests plant.

Tests of the ledger post money without payments, and tests of orders ship without parcels.
`check_books` has all rules, for tests that plant neither.
"""

from collections.abc import Collection

from sqlalchemy import text

from core.database import Database
from services.ledger.balances import SUM, TAIL, VALID
from services.ledger.sweep.rules import RULES

ALL = f"SELECT rule, subject AS row FROM ({RULES}) AS finding"
VIOLATIONS = text(f"{ALL} WHERE rule NOT IN ('EXPLAINED', 'UNCLAIMED', 'PARCELS')")


# The sums of the balances of each currency. A wallet counts with its stored balance, so a change of
# it without an entry is found.
SUMS = text(
    f"""
    SELECT currency,
        CAST(sum(CASE WHEN guarded THEN account.balance ELSE {SUM} END) AS bigint) AS balance
    FROM ledger_account AS account {TAIL.format(valid=VALID, until="")}
    GROUP BY currency
    """
)


async def sum_balances(database: Database) -> dict[str, int]:
    """Return the sum of all balances in each currency, which must be zero."""
    async with database.session() as session:
        return {row.currency: row.balance for row in await session.execute(SUMS)}


async def check_books(database: Database, *, without: Collection[str] = ()) -> None:
    """Raise an AssertionError that names what does not agree in the ledger and its open rows.

    `without` are rules that a test breaks itself.
    """
    async with database.session() as session:
        rows = await session.execute(text(ALL))
        found = [(rule, row) for rule, row in rows if rule not in without]
    assert not found, [f"{rule}: {row}" for rule, row in found]
