"""Resale of tickets: the listing that a line of a hold has, and the refund of one that was sold."""

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0089"
down_revision = "0088"
branch_labels = None
depends_on = None

DEFERRED: dict[str, Any] = {"initially": "DEFERRED", "deferrable": True}
REFUND = sa.Enum(
    "DUE",
    "GRANTED",
    "REFUSED",
    name="ticketrefundstate",
    native_enum=False,
    create_constraint=False,
    length=40,
)
CHECKS = {
    "ticketrefundstate": "refund IN ('DUE', 'GRANTED', 'REFUSED')",
    "refund": "(state = 'SOLD') = (refund IS NOT NULL)",
    "code": "coalesce(refund = 'REFUSED', false) = (code IS NOT NULL)",
    "code_format": "code ~ '^[A-Z_]{1,60}$'",
}


def upgrade() -> None:
    op.add_column("resale_listing", sa.Column("refund", REFUND, nullable=True))
    op.add_column("resale_listing", sa.Column("code", sa.String(60), nullable=True))
    for name, condition in CHECKS.items():
        op.create_check_constraint(
            op.f(f"resale_listing_{name}_check"), "resale_listing", condition
        )
    op.create_index(
        "resale_listing_owed_idx",
        "resale_listing",
        ["ended_at"],
        postgresql_where=sa.text("refund IN ('DUE', 'REFUSED')"),
    )
    op.add_column("hold_line", sa.Column("resale_id", sa.Uuid(), nullable=True))
    op.create_foreign_key(
        op.f("hold_line_resale_id_fkey"),
        "hold_line",
        "resale_listing",
        ["resale_id"],
        ["id"],
        **DEFERRED,
    )
    op.create_index(op.f("hold_line_resale_id_idx"), "hold_line", ["resale_id"])
    op.create_check_constraint(
        op.f("hold_line_resale_id_check"),
        "hold_line",
        "resale_id IS NULL OR quantity * admits = 1 AND cardinality(quota_ids) = 0",
    )


def downgrade() -> None:
    op.drop_column("hold_line", "resale_id")
    op.drop_column("resale_listing", "refund")
    op.drop_column("resale_listing", "code")
