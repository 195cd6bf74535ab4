"""Invariants of all rows, whichever code wrote them: one module per domain, in plain SQL.

Each module has `VIOLATIONS`, a query for the broken rule and the row, at most 20 of them.
"""

from importlib import import_module
from pkgutil import iter_modules

from core.database import Database

SWEEPS = [import_module(f"{__name__}.{found.name}").VIOLATIONS for found in iter_modules(__path__)]


async def check_invariants(database: Database) -> None:
    """Raise an AssertionError that names the broken rules and their rows."""
    async with database.session() as session:
        found = [row for sweep in SWEEPS for row in await session.execute(sweep)]
    assert not found, [f"{rule}: {row}" for rule, row in found]
