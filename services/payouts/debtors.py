"""The vendors that owe money, for admins who remind them or write the debt off."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import Integer, String, bindparam, text
from sqlmodel.ext.asyncio.session import AsyncSession

from core.statements.statement import Statement
from core.statements.units import connection_of
from services.ledger.balances import SUM, TAIL, VALID
from services.viewer import Viewer

OWING = Statement(
    text(
        f"""
        SELECT debt.vendor_id, debt.currency, since, noticed_at, -CAST({SUM} AS bigint) AS owed
        FROM vendor_debt AS debt JOIN ledger_account AS account
            ON kind = 'V_AVAILABLE' AND owner_id = debt.vendor_id
            AND account.currency = debt.currency
        {TAIL.format(valid=VALID, until="")}
        WHERE debt.currency = :currency ORDER BY since, debt.vendor_id LIMIT :most
        """  # noqa: S608 - constants of this module
    ).bindparams(bindparam("currency", type_=String()), bindparam("most", type_=Integer()))
)


@dataclass(frozen=True)
class OpenDebt:
    """The debt of a vendor as it is now, in minor units, and when its owners were notified.

    A nightly job follows debts, so one that was just paid is listed with nothing owed.
    """

    vendor_id: UUID
    currency: str
    since: datetime
    noticed_at: datetime | None
    owed: int


async def list_debts(
    session: AsyncSession, viewer: Viewer, *, currency: str, most: int
) -> Sequence[OpenDebt]:
    """List the debts of vendors in a currency, the oldest first. For admins."""
    viewer.require_admin()
    rows = await OWING.fetch(await connection_of(session), currency=currency, most=most)
    return [OpenDebt(**{**row, "owed": max(row["owed"], 0)}) for row in rows]
