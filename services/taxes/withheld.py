"""Taxes that were kept from vendors in a period: what a monthly return of an operator states.

In India that is GSTR-8 for TCS, and the return of TDS under section 194-O. An order's taxes belong
to the day on which it was confirmed, and what went back to that on which its refund was granted.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import DateTime, Integer, String, bindparam, text
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from core.csv_files import CsvFile, Row, one_batch
from core.database import OpenSession
from core.money import decimal
from core.security.sealed import Sealer
from core.statements.statement import Statement
from core.statements.units import connection_of
from models.errors import NotFound
from models.taxes.registrations import TaxRegistration
from services.links import find_viewer
from services.taxes.links import WithheldLink
from services.viewer import Viewer

MAX_VENDORS = 20_000
SUMS = (
    "supplies",
    "supplies_returned",
    "taxed_supplies",
    "taxed_supplies_returned",
    "tcs",
    "tcs_returned",
    "tds",
    "tds_returned",
)
COLUMNS = ("vendor_id", "vendor", "tax_numbers", "currency", *SUMS)
# Each account has one row in a currency, so both sides are read by their indexes. A supply is one
# from which a tax was kept; that of units is the share by which their taxes went back.
WITHHELD = Statement(
    text(
        """
        WITH moved AS (
            SELECT account.kind, entry.posting, entry.source_id, entry.amount AS kept, 0 AS returned
            FROM ledger_account AS account JOIN ledger_entry AS entry
                ON entry.credit_id = account.id
                AND entry.created_at >= :since AND entry.created_at < :until
            WHERE kind IN ('TCS_DUE', 'TDS_DUE') AND owner_id IS NULL
                AND account.currency = :currency AND source_id IS NOT NULL
            UNION ALL
            SELECT account.kind, entry.posting, entry.source_id, 0, entry.amount
            FROM ledger_account AS account JOIN ledger_entry AS entry
                ON entry.debit_id = account.id
                AND entry.created_at >= :since AND entry.created_at < :until
            WHERE kind IN ('TCS_DUE', 'TDS_DUE') AND owner_id IS NULL
                AND account.currency = :currency AND source_id IS NOT NULL
        ), taxes AS (
            SELECT source_id,
                sum(kept) FILTER (WHERE kind = 'TCS_DUE') AS tcs,
                sum(returned) FILTER (WHERE kind = 'TCS_DUE') AS tcs_returned,
                sum(kept) FILTER (WHERE kind = 'TDS_DUE') AS tds,
                sum(returned) FILTER (WHERE kind = 'TDS_DUE') AS tds_returned
            FROM moved GROUP BY source_id
        ), sold AS (
            SELECT line.suborder_id AS source_id, sum(taxable) AS supplies,
                sum(taxable) FILTER (WHERE tax > 0) AS taxed_supplies
            FROM order_line AS line
            WHERE line.suborder_id IN (SELECT source_id FROM moved WHERE posting LIKE 'confirm:%')
            GROUP BY line.suborder_id
        ), units AS (
            SELECT gone.suborder_id AS source_id, line.tax,
                taxable * upper(gone.units) / line.quantity
                    - taxable * lower(gone.units) / line.quantity AS taxable
            FROM refund_line AS gone JOIN order_line AS line ON line.id = gone.line_id
            WHERE (gone.suborder_id, 'grant:' || gone.refund_id) IN (
                SELECT source_id, posting FROM moved WHERE posting LIKE 'grant:%'
            )
        ), back AS (
            SELECT source_id, sum(taxable) AS supplies_returned,
                sum(taxable) FILTER (WHERE tax > 0) AS taxed_supplies_returned
            FROM units GROUP BY source_id
        )
        SELECT vendor.id, vendor.name,
            CAST(coalesce(sum(supplies), 0) AS bigint) AS supplies,
            CAST(coalesce(sum(supplies_returned), 0) AS bigint) AS supplies_returned,
            CAST(coalesce(sum(taxed_supplies), 0) AS bigint) AS taxed_supplies,
            CAST(coalesce(sum(taxed_supplies_returned), 0) AS bigint) AS taxed_supplies_returned,
            CAST(coalesce(sum(taxes.tcs), 0) AS bigint) AS tcs,
            CAST(coalesce(sum(tcs_returned), 0) AS bigint) AS tcs_returned,
            CAST(coalesce(sum(taxes.tds), 0) AS bigint) AS tds,
            CAST(coalesce(sum(tds_returned), 0) AS bigint) AS tds_returned
        FROM taxes
        JOIN suborder ON suborder.id = taxes.source_id
        JOIN vendor ON vendor.id = suborder.vendor_id
        LEFT JOIN sold ON sold.source_id = taxes.source_id
        LEFT JOIN back ON back.source_id = taxes.source_id
        GROUP BY vendor.id, vendor.name ORDER BY vendor.name, vendor.id LIMIT :most
        """
    ).bindparams(
        bindparam("currency", type_=String()),
        bindparam("most", type_=Integer()),
        *(bindparam(name, type_=DateTime(timezone=True)) for name in ("since", "until")),
    )
)


@dataclass(frozen=True)
class WithheldTaxes:
    """The sums of a vendor in minor units, by column, and its tax numbers."""

    vendor_id: UUID
    name: str
    tax_numbers: Sequence[str]
    sums: Mapping[str, int]


async def read_withheld(
    session: AsyncSession,
    viewer: Viewer,
    sealer: Sealer,
    *,
    currency: str,
    since: datetime,
    until: datetime,
) -> list[WithheldTaxes]:
    """Return what was kept from vendors in a currency, by their names. For admins."""
    viewer.require_admin()
    connection = await connection_of(session)
    rows = await WITHHELD.fetch(
        connection, currency=currency, since=since, until=until, most=MAX_VENDORS
    )
    numbers = await _find_numbers(session, sealer, [row["id"] for row in rows])
    return [
        WithheldTaxes(
            row["id"], row["name"], numbers[row["id"]], {name: row[name] for name in SUMS}
        )
        for row in rows
    ]


async def _find_numbers(
    session: AsyncSession, sealer: Sealer, vendor_ids: Sequence[UUID]
) -> Mapping[UUID, Sequence[str]]:
    found: defaultdict[UUID, list[str]] = defaultdict(list)
    rows = select(TaxRegistration).where(col(TaxRegistration.vendor_id).in_(vendor_ids))
    for one in (await session.exec(rows.order_by(col(TaxRegistration.id)))).all():
        if number := one.open_number(sealer):
            found[one.vendor_id].append(number)
    return found


async def open_withheld(
    open_session: OpenSession, sealer: Sealer, zone: ZoneInfo, link: WithheldLink
) -> CsvFile:
    """Return the file of a link, with a row for each vendor. Raises `NotFound`.

    The days are those of the operator's time zone.
    """
    since, until = link.period.times(zone)
    async with open_session() as session:
        viewer = await find_viewer(session, link.user_id)
        if not viewer.admin:
            raise NotFound
        found = await read_withheld(
            session, viewer, sealer, currency=link.currency, since=since, until=until
        )
    name = f"withheld-{link.currency}-{link.period.first}-{link.period.last}.csv"
    return CsvFile(name, COLUMNS, one_batch(_rows(found, link.currency)))


def _rows(found: Sequence[WithheldTaxes], currency: str) -> Iterator[Row]:
    for one in found:
        amounts = (Decimal(decimal(one.sums[name], currency)) for name in SUMS)
        yield (str(one.vendor_id), one.name, " ".join(one.tax_numbers), currency, *amounts)
