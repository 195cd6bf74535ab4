"""Time of the pages of a vendor with 200,000 of 1,000,000 sub-orders.

Run `python -m benchmarks.vendor_orders`. It compares the first page with the thousandth by keyset
pagination, which take turns.
"""

import asyncio
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from statistics import median
from typing import Any
from uuid import UUID

from sqlalchemy import text
from sqlmodel.ext.asyncio.session import AsyncSession

from benchmarks.load.results import BenchmarkError
from core.database import Database
from core.ids import new_id
from core.keyset import Listing, Window, fetch_page
from core.runtime.embedded import servers
from core.settings import HOME
from models.orders.states import SubOrderState
from services.orders.access import OrderFilter, list_orders
from services.orders.vendor_orders import VendorOrderFilter, list_vendor_orders
from services.viewer import Viewer

SUBORDERS, PAGE, ROUNDS = 1_000_000, 20, 200
INSERT = """
    INSERT INTO suborder (id, created_at, order_id, vendor_id, position, state, goods,
        vendor_discount, platform_discount, shipping, tax_added, tax_included, rounding, total,
        vendor_net, refunded, is_pickup, confirmed_at)
    SELECT gen_random_uuid(), now() - n * interval '1 second', gen_random_uuid(),
        CASE WHEN n % 5 = 0 THEN CAST(:vendor_id AS uuid) ELSE gen_random_uuid() END, 0,
        (ARRAY['CONFIRMED', 'PREPARING', 'RELEASED', 'RELEASED'])[1 + n / 5 % 4],
        1, 0, 0, 0, 0, 0, 0, 1, 1, 0, false, now()
    FROM generate_series(1, :many) AS n
"""

INSERT_ORDERS = """
    INSERT INTO "order" (id, created_at, number, user_id, checkout_id, state, payment_state,
        currency, goods, vendor_discount, platform_discount, shipping, tax_added, tax_included,
        rounding, total, paid, refunded, country, hold_until)
    SELECT gen_random_uuid(), now() - n * interval '1 second', lpad(upper(to_hex(n)), 8, '0'),
        CASE WHEN n % 5 = 0 THEN CAST(:vendor_id AS uuid) ELSE gen_random_uuid() END,
        gen_random_uuid(), 'COMPLETED', 'PAID', 'INR', 1, 0, 0, 0, 0, 0, 0, 1, 1, 0, 'IN', now()
    FROM generate_series(1, :many) AS n
"""


async def measure(url: str, vendor_id: UUID) -> None:
    """Measure the lists of a vendor, and that of a buyer who has the vendor's id here."""
    database = Database(url, statement_seconds=600)
    admin = Viewer(user_id=new_id(), admin=True)
    lists: dict[str, Listing[Any]] = {
        "vendorOrders": list_vendor_orders(admin, vendor_id, VendorOrderFilter()),
        "vendorOrders, PREPARING": list_vendor_orders(
            admin, vendor_id, VendorOrderFilter(state=SubOrderState.PREPARING)
        ),
        "orders": list_orders(Viewer(user_id=vendor_id), OrderFilter()),
    }
    for name, listing in lists.items():
        async with database.session() as session:
            rows = listing.rows.order_by(*listing.ordering.columns()).offset(999 * PAGE - 1)
            before = (await session.exec(rows.limit(1))).one()
            after = listing.ordering.cursor(before.created_at, before.id)
            first, last = await _time(session, listing, after)
        sys.stdout.write(
            f"{name}: {first:.2f} ms, page 1,000 {last:.2f} ms, {last / first:.2f} x\n"
        )
    await database.close()


async def _time(session: AsyncSession, listing: Listing[Any], after: str) -> tuple[float, float]:
    """Return the medians of the milliseconds of the first page and of another one.

    They take turns, so that other work of the machine slows both of them down.
    """
    times: dict[str | None, list[float]] = {None: [], after: []}
    for cursor in [None, after] * ROUNDS:
        session.expunge_all()
        began = time.perf_counter()
        page = await fetch_page(session, listing, Window(first=PAGE, after=cursor))
        times[cursor].append(time.perf_counter() - began)
        if len(page.rows) != PAGE:
            raise BenchmarkError("A page is not full.")
    return 1_000 * median(times[None]), 1_000 * median(times[after])


async def fill(url: str, vendor_id: UUID) -> None:
    """Insert the rows without their orders, as the owner of the tables."""
    database = Database(url, statement_seconds=600)
    async with database.session() as session, session.begin():
        for key in ("order_id", "vendor_id"):
            await session.execute(text(f"ALTER TABLE suborder DROP CONSTRAINT suborder_{key}_fkey"))
        for key in ("user_id", "checkout_id"):
            await session.execute(text(f'ALTER TABLE "order" DROP CONSTRAINT order_{key}_fkey'))
        for insert in (INSERT, INSERT_ORDERS):
            await session.execute(text(insert), {"many": SUBORDERS, "vendor_id": vendor_id})
    async with database.session() as session, session.begin():
        await session.execute(text('ANALYZE suborder, "order"'))
    await database.close()


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
            vendor_id = new_id()
            asyncio.run(fill(owner_url, vendor_id))
            asyncio.run(measure(url, vendor_id))


if __name__ == "__main__":
    main()
