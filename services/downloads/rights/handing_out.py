"""Files and keys handed to the buyer of digital lines, in the transaction that confirms the order.

A right is made once for each line and file. A key is taken with SKIP LOCKED, so two orders never
wait for, or get, the same one: the stock of the variant has as many units as there are free keys.
"""

from collections.abc import Collection, Sequence
from uuid import UUID

from sqlalchemy import Boolean, Integer, Uuid, bindparam, text
from sqlalchemy.dialects.postgresql import ARRAY

from core.statements.parameters import current_time
from core.statements.statement import Statement
from core.statements.units import UnitOfWork, connection_of
from models.downloads.grants import MAX_GRANTED
from models.orders.lines import OrderLine
from models.orders.orders import Order
from services import jobs

HAND_OUT = Statement(
    text(
        f"""
        WITH given AS (
            SELECT * FROM unnest(:line_ids, :suborder_ids, :variant_ids, :quantities, :are_held)
                AS given (line_id, suborder_id, variant_id, quantity, is_held)
        ), granted AS (
            INSERT INTO download_grant (
                id, created_at, line_id, suborder_id, asset_id, user_id, most, used, expires_at,
                is_copied
            )
            SELECT
                uuidv7(), :current_time, line_id, suborder_id, asset.id, :user_id,
                least(max_downloads * quantity, {MAX_GRANTED}), 0,
                :current_time + make_interval(days => valid_days), false
            FROM given JOIN digital_asset AS asset USING (variant_id)
            WHERE asset.state <> 'REMOVED'
            ORDER BY line_id, asset.position
            ON CONFLICT (line_id, asset_id) DO NOTHING
            RETURNING id
        ), known AS (
            SELECT given.*, (
                SELECT count(*) FROM license_key WHERE license_key.line_id = given.line_id
            ) AS handed_out
            FROM given WHERE is_held
        ), free AS (
            SELECT found.id, line_id, suborder_id, handed_out FROM known, LATERAL (
                SELECT id FROM license_key
                WHERE license_key.variant_id = known.variant_id AND license_key.line_id IS NULL
                ORDER BY id LIMIT quantity - handed_out FOR UPDATE SKIP LOCKED
            ) AS found
        ), numbered AS (
            SELECT *, handed_out + row_number() OVER (PARTITION BY line_id ORDER BY id) - 1 AS place
            FROM free
        ), sold AS (
            UPDATE license_key SET line_id = numbered.line_id, suborder_id = numbered.suborder_id,
                user_id = :user_id, unit_number = place, sold_at = :current_time
            FROM numbered WHERE license_key.id = numbered.id
            RETURNING license_key.id
        )
        SELECT (SELECT count(*) FROM granted) AS granted, (SELECT count(*) FROM sold) AS sold
        """  # noqa: S608 - a constant
    ).bindparams(
        current_time(),
        bindparam("user_id", type_=Uuid()),
        bindparam("line_ids", type_=ARRAY(Uuid())),
        bindparam("suborder_ids", type_=ARRAY(Uuid())),
        bindparam("variant_ids", type_=ARRAY(Uuid())),
        bindparam("quantities", type_=ARRAY(Integer())),
        bindparam("are_held", type_=ARRAY(Boolean())),
    )
)


async def hand_out(
    unit: UnitOfWork, order: Order, lines: Sequence[OrderLine], held: Collection[UUID]
) -> None:
    """Give the buyer of digital lines their files and keys, and have the rest done by a job.

    `held` are the variants of which the order holds stock: the others had no keys when it was
    placed. A second call hands out nothing more.
    """
    digital = [line for line in lines if line.is_digital]
    if not digital:
        return
    await HAND_OUT.fetch(
        await connection_of(unit),
        user_id=order.user_id,
        line_ids=[line.id for line in digital],
        suborder_ids=[line.suborder_id for line in digital],
        variant_ids=[line.ref_id for line in digital],
        quantities=[line.quantity for line in digital],
        are_held=[line.ref_id in held for line in digital],
    )
    await jobs.defer(unit, "deliver_files", order_id=order.id)
