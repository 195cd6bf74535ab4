"""Posting, sweeping and reading balances of a ledger of 1,000,000 entries, on an embedded server.

Run `python -m benchmarks.ledger`. By turns, 16 clients post the legs of orders through
`post_entries`, and insert as many entries by bare SQL. Then it sweeps the ledger, and reads the
balance of a vendor with 167,000 entries, with a snapshot and without one. It takes snapshots twice:
of all entries, and of none.
"""

import asyncio
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable
from pathlib import Path
from statistics import median
from uuid import UUID

from sqlalchemy import text
from sqlmodel.ext.asyncio.session import AsyncSession

from core.database import Database
from core.ids import FIRST_ID, new_id
from core.runtime.embedded import servers
from core.settings import HOME
from models.ledger.accounts import Account, AccountKind
from models.ledger.entries import Leg, Posting, PostingKind
from services.ledger.balances import read_balance, snapshot_balances
from services.ledger.posting import create_accounts, post_entries
from services.ledger.sweep.rules import RULES

ENTRIES, OF_ONE_VENDOR, VENDORS = 1_000_000, 167_000, 10_000
CLIENTS, SECONDS, ROUNDS, TURNS = 16, 3, 20, 3
CURRENCY = "INR"
PLATFORM = (
    AccountKind.UNCLAIMED,
    AccountKind.COMMISSION,
    AccountKind.GST_OUT,
    AccountKind.TCS_DUE,
    AccountKind.TDS_DUE,
    AccountKind.PROMOTIONS,
)
FILL = """
    INSERT INTO ledger_entry (id, created_at, posting, leg, debit_id, credit_id, currency, amount)
    SELECT gen_random_uuid(), now() - n * interval '1 second', 'confirm:' || gen_random_uuid(), 0,
        bank.id, vendor.id, 'INR', 1 + n % 1000
    FROM generate_series(1, :many) AS n, ledger_account AS bank,
        (
            SELECT array_agg(id ORDER BY id) AS ids FROM ledger_account WHERE kind = 'V_PENDING'
        ) AS pending,
        LATERAL (SELECT CASE WHEN n <= :large THEN CAST(:vendor AS uuid)
            ELSE ids[1 + n % cardinality(ids)] END AS id) AS vendor
    WHERE bank.kind = 'PROMOTIONS'
"""
BARE = """
    INSERT INTO ledger_entry (id, created_at, posting, leg, debit_id, credit_id, currency, amount)
    SELECT gen_random_uuid(), now(), 'confirm:' || CAST($1 AS text), n - 1,
        ($2::uuid[])[1 + n % 6], $3, 'INR', n
    FROM generate_series(1, 6) AS n
"""


def legs_of(vendor_id: UUID) -> list[Leg]:
    """Return the six legs of an order of one vendor."""
    unclaimed, *kept, promotions = (Account(kind, CURRENCY) for kind in PLATFORM)
    pending = Account(AccountKind.V_PENDING, CURRENCY, vendor_id)
    sold = [Leg(unclaimed, pending, 100_00), Leg(promotions, pending, 10_00)]
    return [*sold, *(Leg(pending, one, 1_00) for one in kept)]


async def measure(url: str, vendor_ids: list[UUID]) -> None:
    database = Database(url, pool=CLIENTS, statement_seconds=600)
    await measure_postings(database, vendor_ids)
    await measure_sweep(database)
    await measure_balance(database, vendor_ids[0])
    await database.close()


async def measure_postings(database: Database, vendor_ids: list[UUID]) -> None:
    async with database.session() as session:
        rows = await session.execute(text("SELECT kind, id FROM ledger_account"))
        ids = {row.kind: row.id for row in rows}
    platform = [ids[kind] for kind in PLATFORM]

    async def post(session: AsyncSession, number: int) -> None:
        posting = Posting(PostingKind.CONFIRM, new_id())
        await post_entries(session, posting, legs_of(vendor_ids[number % VENDORS]))

    async def insert(session: AsyncSession, _: int) -> None:
        connection = await session.connection()
        given = str(new_id()), platform, ids["V_PENDING"]
        await connection.exec_driver_sql(BARE, given)

    rates: dict[str, list[float]] = {"post_entries": [], "bare SQL": []}
    for _ in range(TURNS):
        rates["post_entries"].append(await _rate(database, post))
        rates["bare SQL"].append(await _rate(database, insert))
    found = {name: median(of) for name, of in rates.items()}
    ratio = found["post_entries"] / found["bare SQL"]
    _print(", ".join(f"{name}: {rate:,.0f} orders/s" for name, rate in found.items()))
    _print(f"posting an order's legs: {ratio:.2f} x bare SQL")


async def _rate(database: Database, act: Callable[[AsyncSession, int], Awaitable[None]]) -> float:
    end, done = time.perf_counter() + SECONDS, 0

    async def client() -> None:
        nonlocal done
        while time.perf_counter() < end:
            async with database.session() as session, session.begin():
                await act(session, done)
            done += 1

    await asyncio.gather(*(client() for _ in range(CLIENTS)))
    return done / SECONDS


async def measure_sweep(database: Database) -> None:
    async with database.session() as session:
        await session.execute(text("ANALYZE ledger_entry, ledger_account"))
        entries = await session.scalar(text("SELECT count(*) FROM ledger_entry"))
        times = []
        for _ in range(3):
            began = time.perf_counter()
            await session.execute(text(RULES))
            times.append(time.perf_counter() - began)
    _print(f"sweep of {entries:,} entries: {median(times):.2f} s")


async def measure_balance(database: Database, vendor_id: UUID) -> None:
    account = Account(AccountKind.V_PENDING, CURRENCY, vendor_id)
    for name in ("without a snapshot", "with a snapshot"):
        times = []
        async with database.session() as session:
            for _ in range(ROUNDS):
                began = time.perf_counter()
                await read_balance(session, account)
                times.append(time.perf_counter() - began)
        _print(f"balance of {OF_ONE_VENDOR:,} entries {name}: {1_000 * median(times):.2f} ms")
        began = time.perf_counter()
        await _take_snapshots(database)
        _print(f"snapshots of {VENDORS:,} accounts: {time.perf_counter() - began:.2f} s")


async def _take_snapshots(database: Database) -> None:
    last: UUID | None = FIRST_ID
    while last is not None:
        async with database.session() as session, session.begin():
            last = await snapshot_balances(session, last)


async def fill(url: str, vendor_ids: list[UUID]) -> None:
    """Insert the accounts, and the entries by the owner of the tables."""
    database = Database(url, statement_seconds=600)
    pending = [Account(AccountKind.V_PENDING, CURRENCY, id) for id in vendor_ids]
    platform = [Account(kind, CURRENCY) for kind in PLATFORM]
    async with database.session() as session, session.begin():
        await create_accounts(session, [*platform, *pending])
        large = text("SELECT id FROM ledger_account WHERE owner_id = :owner_id")
        vendor = await session.scalar(large, {"owner_id": vendor_ids[0]})
        given = {"many": ENTRIES, "large": OF_ONE_VENDOR, "vendor": vendor}
        await session.execute(text(FILL.replace("confirm:", r"confirm\:")), given)
    async with database.session() as session, session.begin():
        await session.execute(text("ANALYZE ledger_entry, ledger_account"))
    await database.close()


def _print(line: str) -> None:
    sys.stdout.write(f"{line}\n")


def main() -> None:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        folder.chmod(0o755)  # PostgreSQL runs as another user if we are root
        with servers(folder) as running:
            environment = running.environment() | {"MIGRATIONS_URL": running.migrations_url}
            command = [sys.executable, str(HOME / "cli.py"), "migrate"]
            subprocess.run(command, env=os.environ | environment, check=True)  # noqa: S603
            url, owner_url = (
                one.replace("postgresql://", "postgresql+asyncpg://", 1)
                for one in (running.database_url, running.migrations_url)
            )
            vendor_ids = [new_id() for _ in range(VENDORS)]
            asyncio.run(fill(owner_url, vendor_ids))
            asyncio.run(measure(url, vendor_ids))


if __name__ == "__main__":
    main()
