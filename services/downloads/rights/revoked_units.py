"""Files and keys of refunded units, taken back in the transaction of the refund."""

from collections.abc import Sequence

from sqlalchemy import Integer, Uuid, bindparam, select, text
from sqlalchemy.dialects.postgresql import ARRAY
from sqlmodel import col

from core.statements.parameters import current_time
from core.statements.statement import Statement, any_of
from core.statements.units import UnitOfWork, connection_of
from models.downloads.keys import LicenseKey
from services import jobs
from services.orders.kinds import LineUnits

# A line keeps its files until all of its units are refunded; a key is of one unit.
REVOKE = Statement(
    text(
        """
        WITH given AS (
            SELECT * FROM unnest(:line_ids, :firsts, :ends) AS given (line_id, first, stop)
        ), revoked_keys AS (
            UPDATE license_key SET revoked_at = :current_time
            FROM given
            WHERE license_key.line_id = given.line_id
                AND unit_number >= first AND unit_number < stop AND revoked_at IS NULL
        )
        UPDATE download_grant
        SET revoked_at = :current_time, copy_version = NULL, is_copied = false
        FROM order_line
        WHERE order_line.id = ANY(:line_ids) AND order_line.refunded = order_line.quantity
            AND download_grant.line_id = order_line.id AND revoked_at IS NULL
        RETURNING download_grant.id
        """
    ).bindparams(
        current_time(),
        bindparam("line_ids", type_=ARRAY(Uuid())),
        bindparam("firsts", type_=ARRAY(Integer())),
        bindparam("ends", type_=ARRAY(Integer())),
    )
)


async def revoke_units(unit: UnitOfWork, units: Sequence[LineUnits]) -> None:
    """Take the files and keys of refunded units back. The counters of the lines are written."""
    digital = [one for one in units if one.line.is_digital]
    if not digital:
        return
    revoked = await REVOKE.fetch(
        await connection_of(unit),
        line_ids=[one.line.id for one in digital],
        firsts=[one.start for one in digital],
        ends=[one.stop for one in digital],
    )
    for row in revoked:
        await jobs.defer(unit, "tidy_copies", grant_id=row["id"])


KEYED = Statement(select(col(LicenseKey.line_id)).where(any_of(col(LicenseKey.line_id))).distinct())


async def without_keys(unit: UnitOfWork, units: Sequence[LineUnits]) -> Sequence[LineUnits]:
    """Return the units of lines for which no license key was handed out."""
    digital = [one.line.id for one in units if one.line.is_digital]
    if not digital:
        return units
    rows = await KEYED.fetch(await connection_of(unit), keys=digital)
    keyed = {row["line_id"] for row in rows}
    return [one for one in units if one.line.id not in keyed]
