"""The facts about a presented voucher that its score needs, read by one statement.

It runs before the transaction of the redemption, and locks nothing: what is decided by it is
approximate. It finds no voucher for callers who may not redeem at the vendor.
"""

from collections.abc import Awaitable
from typing import Any, Protocol, TypeVar
from uuid import UUID

import asyncpg
from sqlalchemy import ARRAY, DateTime, String, Uuid, bindparam, or_, text
from sqlmodel import col, select

from core.statements.selected import columns_of
from core.statements.statement import Statement
from models.fraud.settings import FraudSettings
from models.members import Permission, roles_with

# At most 20 accounts of a device and 3 redeemed vouchers are counted. The last located attempt is
# that of one of the holder's 100 newest vouchers.
FACTS = Statement(
    text(
        """
        SELECT v.id AS voucher_id, v.user_id, v.created_at AS claimed_at,
            u.created_at AS member_since, vendor.latitude, vendor.longitude,
            v.claim_latitude, v.claim_longitude,
            former.latitude AS former_latitude, former.longitude AS former_longitude,
            former.created_at AS former_at,
            device.hash AS device_hash, address.hash AS address_hash,
            (SELECT count(*) FROM (
                SELECT FROM identity_link l
                WHERE l.kind = 'DEVICE' AND l.hash = device.hash
                    AND l.last_at > CAST(:at AS timestamptz) - interval '30 days'
                LIMIT 20
            ) l) AS accounts,
            (SELECT count(*) FROM (
                SELECT FROM voucher w WHERE w.user_id = v.user_id AND w.state = 'REDEEMED'
                LIMIT 3
            ) w) AS redeemed,
            EXISTS (
                SELECT FROM fraud_case c JOIN redemption r ON r.id = c.redemption_id
                WHERE r.voucher_id = v.id AND c.decision = 'APPROVED'
            ) AS cleared
        FROM voucher v
        JOIN "user" u ON u.id = v.user_id
        JOIN vendor ON vendor.id = v.vendor_id
        LEFT JOIN LATERAL (
            SELECT l.hash FROM identity_link l WHERE l.user_id = v.user_id AND l.kind = 'DEVICE'
            ORDER BY l.last_at DESC LIMIT 1
        ) device ON true
        LEFT JOIN LATERAL (
            SELECT l.hash FROM identity_link l WHERE l.user_id = v.user_id AND l.kind = 'ADDRESS'
            ORDER BY l.last_at DESC LIMIT 1
        ) address ON true
        LEFT JOIN LATERAL (
            SELECT r.latitude, r.longitude, r.created_at
            FROM (
                SELECT w.id FROM voucher w WHERE w.user_id = v.user_id
                ORDER BY w.created_at DESC, w.id DESC LIMIT 100
            ) w JOIN redemption r ON r.voucher_id = w.id
            WHERE r.latitude IS NOT NULL AND r.longitude IS NOT NULL
                AND r.measures ? 'FAR_FROM_SHOP'
                AND r.created_at > CAST(:at AS timestamptz) - interval '1 day'
            ORDER BY r.created_at DESC LIMIT 1
        ) former ON true
        WHERE v.vendor_id = :vendor_id AND (v.id = :voucher_id OR v.code = :code)
            AND EXISTS (
                SELECT FROM vendor_member m WHERE m.vendor_id = v.vendor_id
                    AND m.user_id = :member_id AND m.role = ANY(:roles)
            )
        """
    ).bindparams(
        bindparam("at", type_=DateTime(timezone=True)),
        bindparam("vendor_id", type_=Uuid()),
        bindparam("voucher_id", type_=Uuid()),
        bindparam("code", type_=String),
        bindparam("member_id", type_=Uuid()),
        bindparam("roles", type_=ARRAY(String)),
    )
)
_newest = (
    select(*columns_of(FraudSettings))
    .where(
        or_(
            col(FraudSettings.vendor_id) == bindparam("vendor_id", type_=Uuid()),
            col(FraudSettings.vendor_id).is_(None),
        )
    )
    .order_by(col(FraudSettings.vendor_id).nulls_last(), col(FraudSettings.version).desc())
)
# The newest settings of a vendor, or else of the platform.
SETTINGS = Statement(_newest.limit(1), FraudSettings)
# The attempts of a vendor in the same hour of the four weeks before. Null for a newer vendor, which
# would be compared with nothing.
USUAL = Statement(
    text(
        """
        SELECT CASE WHEN EXISTS (
            SELECT FROM redemption r WHERE r.vendor_id = :vendor_id
                AND r.created_at < CAST(:at AS timestamptz) - interval '28 days'
        ) THEN percentile_cont(0.5) WITHIN GROUP (ORDER BY attempts) END AS usual
        FROM generate_series(1, 4) AS week, LATERAL (
            SELECT count(*) AS attempts FROM redemption r
            WHERE r.vendor_id = :vendor_id
                AND r.created_at > CAST(:at AS timestamptz) - week * interval '7 days'
                    - interval '1 hour'
                AND r.created_at <= CAST(:at AS timestamptz) - week * interval '7 days'
        ) counted
        """
    ).bindparams(
        bindparam("at", type_=DateTime(timezone=True)), bindparam("vendor_id", type_=Uuid())
    )
)
Result = TypeVar("Result")
ROLES = [role.value for role in roles_with(Permission.REDEEM)]


class FactsReader(Protocol):
    """Sends a statement on a connection for reads, as `Context.fetch` does."""

    def __call__(self, statement: Statement[Result], **values: Any) -> Awaitable[list[Result]]: ...


async def find_facts(
    fetch: FactsReader, vendor_id: UUID, member_id: UUID, **values: Any
) -> asyncpg.Record | None:
    """Return the row of FACTS, or None for an unknown voucher or a caller without the right."""
    rows = await fetch(FACTS, vendor_id=vendor_id, member_id=member_id, roles=ROLES, **values)
    return rows[0] if rows else None
