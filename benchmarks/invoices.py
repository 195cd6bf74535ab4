"""Documents that are issued in a second, on one series and on fifty.

Run `python -m benchmarks.invoices`. Plain SQL in the same run takes the number and inserts the row
alone. The service also seals both parties and defers the job of the PDF. They take turns.
"""

import argparse
import asyncio
import itertools
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable
from pathlib import Path
from uuid import UUID

from sqlalchemy import text

import models.registry  # noqa: F401 - foreign keys refer to tables of other modules
from core.database import Database
from core.ids import new_id
from core.runtime.embedded import servers
from core.security.sealed import Sealer
from core.security.signing_keys import SigningKeys
from core.settings import HOME
from models.invoices.content import InvoiceContent, InvoiceGroup, InvoiceParty, InvoiceSums
from models.invoices.series import InvoiceKind
from models.pricing.tax_rules import Treatment
from services.invoices.issuing import InvoiceDraft, issue_document
from services.invoices.numbering import Issuer
from services.transaction import Transactions
from tests.factories.buying import Unheard

CLIENTS, SERIES, ROUNDS = 16, (1, 50), 3
TAKE = """
    INSERT INTO invoice_series (id, created_at, issuer_id, kind, fiscal_year, next)
    VALUES (gen_random_uuid(), now(), :issuer_id, 'BILL_OF_SUPPLY', 2026, 2)
    ON CONFLICT (issuer_id, kind, fiscal_year) DO UPDATE SET next = invoice_series.next + 1
    RETURNING next - 1
"""
INSERT = """
    INSERT INTO invoice (id, created_at, issuer_id, kind, fiscal_year, number, code, source_id,
        vendor_id, currency, locale, issued_on, taxable, tax, rounding, platform_discount, total,
        content, seller, buyer, state)
    SELECT id, now(), :issuer_id, 'BILL_OF_SUPPLY', 2026, 'BOS/2627/' || :place,
        translate(upper(substr(replace(id::text, '-', ''), 21)), 'ILOU', '1234'), id, :issuer_id,
        'INR', 'en', current_date, 100, 0, 0, 0, 100, '{}', '\\x00', '\\x00', 'ISSUED'
    FROM gen_random_uuid() AS id
"""
PARTY = InvoiceParty("Blue Pottery", "IN", street_lines=("12 MG Road",), city="Jaipur")
GROUP = InvoiceGroup([], 100)
Issue = Callable[[UUID], Awaitable[None]]


def _draft(issuer_id: UUID) -> InvoiceDraft:
    content = InvoiceContent([], [GROUP], Treatment.NOT_TAXED)
    return InvoiceDraft(
        source_id=new_id(),
        kind=InvoiceKind.RECEIPT,
        issuer=Issuer(issuer_id, "IN", "Asia/Kolkata"),
        currency="INR",
        locale="en",
        seller=PARTY,
        buyer=PARTY,
        content=content,
        sums=InvoiceSums.of([GROUP]),
        vendor_id=issuer_id,
    )


async def _per_second(run: Issue, issuers: list[UUID], seconds: float) -> float:
    """Return how many transactions of 16 clients were committed in a second."""
    end, turns, done = time.perf_counter() + seconds, itertools.cycle(issuers), 0

    async def client() -> None:
        nonlocal done
        while time.perf_counter() < end:
            await run(next(turns))
            done += 1

    began = time.perf_counter()
    await asyncio.gather(*(client() for _ in range(CLIENTS)))
    return done / (time.perf_counter() - began)


async def measure(url: str, issuers: list[UUID], seconds: float) -> None:
    """Measure both in turns, and write the medians."""
    database = Database(url, pool=CLIENTS, statement_seconds=60)
    transactions, sealer = Transactions(database, Unheard()), Sealer(SigningKeys.generate())

    async def by_service(issuer_id: UUID) -> None:
        async with transactions.begin() as session:
            await issue_document(session, sealer, _draft(issuer_id))

    async def by_sql(issuer_id: UUID) -> None:
        async with database.session() as session, session.begin():
            given = {"issuer_id": issuer_id}
            place = (await session.execute(text(TAKE), given)).scalar_one()
            await session.execute(text(INSERT), given | {"place": str(place)})

    for many in SERIES:
        found: dict[str, list[float]] = {"service": [], "plain SQL": []}
        for _ in range(ROUNDS):
            for name, run in (("service", by_service), ("plain SQL", by_sql)):
                found[name].append(await _per_second(run, issuers[:many], seconds))
        figures = ", ".join(f"{name} {sorted(all)[1]:,.0f}/s" for name, all in found.items())
        sys.stdout.write(f"{many} series: {figures}\n")
    await database.close()


async def drop_foreign_keys(url: str) -> None:
    """Let documents be of vendors that there are not, as the owner of the tables."""
    database = Database(url, statement_seconds=60)
    async with database.session() as session, session.begin():
        for key in ("invoice", "invoice_series"):
            constraint = f"{key}_issuer_id_fkey"
            await session.execute(text(f"ALTER TABLE {key} DROP CONSTRAINT {constraint}"))
        await session.execute(text("ALTER TABLE invoice DROP CONSTRAINT invoice_vendor_id_fkey"))
    await database.close()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=5, help="of each measurement")
    seconds = parser.parse_args().seconds
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
            issuers = [new_id() for _ in range(max(SERIES))]
            asyncio.run(drop_foreign_keys(owner_url))
            asyncio.run(measure(url, issuers, seconds))


if __name__ == "__main__":
    main()
