"""Promo codes, and their uses by orders.

The foreign key of `promo_use.order_id` comes with the orders.
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0045"
down_revision = "0044"
branch_labels = None
depends_on = None

IDS = postgresql.ARRAY(sa.Uuid())


def upgrade() -> None:
    op.create_table(
        "promo_code",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("vendor_id", sa.Uuid(), nullable=True),
        sa.Column("code", sa.String(32), nullable=False),
        sa.Column("state", sa.String(40), nullable=False),
        sa.Column("kind", sa.String(40), nullable=False),
        sa.Column("value", sa.BigInteger(), nullable=False),
        sa.Column("currency", sa.String(3), nullable=False),
        sa.Column("minimum", sa.BigInteger(), nullable=False),
        sa.Column("max_discount", sa.BigInteger(), nullable=True),
        sa.Column("capacity", sa.Integer(), nullable=True),
        sa.Column("per_user", sa.Integer(), nullable=False),
        sa.Column("used", sa.Integer(), nullable=False),
        sa.Column("combines", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("category_ids", IDS, server_default="{}", nullable=False),
        sa.Column("vendor_ids", IDS, server_default="{}", nullable=False),
        sa.Column("valid_from", sa.DateTime(timezone=True), nullable=False),
        sa.Column("valid_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "code ~ '^[A-Z0-9][A-Z0-9-]{1,30}[A-Z0-9]$'", name=op.f("promo_code_code_check")
        ),
        sa.CheckConstraint(
            "state IN ('ACTIVE', 'ENDED')", name=op.f("promo_code_promocodestate_check")
        ),
        sa.CheckConstraint(
            "kind IN ('PERCENT', 'AMOUNT', 'FREE_DELIVERY')",
            name=op.f("promo_code_promokind_check"),
        ),
        sa.CheckConstraint(
            """CASE kind
            WHEN 'PERCENT' THEN value BETWEEN 1 AND 10000
            WHEN 'AMOUNT' THEN value BETWEEN 1 AND 1000000000000 AND max_discount IS NULL
            WHEN 'FREE_DELIVERY' THEN value = 0
            END IS TRUE""",
            name=op.f("promo_code_value_check"),
        ),
        sa.CheckConstraint(
            "minimum BETWEEN 0 AND 1000000000000", name=op.f("promo_code_minimum_check")
        ),
        sa.CheckConstraint(
            "max_discount BETWEEN 1 AND 1000000000000", name=op.f("promo_code_max_discount_check")
        ),
        sa.CheckConstraint(
            "used BETWEEN 0 AND coalesce(capacity, used)", name=op.f("promo_code_capacity_check")
        ),
        sa.CheckConstraint(
            "capacity BETWEEN 1 AND 1000000", name=op.f("promo_code_capacity_range_check")
        ),
        sa.CheckConstraint("per_user BETWEEN 1 AND 100", name=op.f("promo_code_per_user_check")),
        sa.CheckConstraint("valid_from < valid_until", name=op.f("promo_code_window_check")),
        sa.CheckConstraint(
            "(state = 'ENDED') = (ended_at IS NOT NULL)", name=op.f("promo_code_ended_at_check")
        ),
        sa.CheckConstraint(
            "cardinality(category_ids) <= 50", name=op.f("promo_code_category_ids_check")
        ),
        sa.CheckConstraint(
            "cardinality(vendor_ids) <= 50 AND (vendor_id IS NULL OR cardinality(vendor_ids) = 0)",
            name=op.f("promo_code_vendor_ids_check"),
        ),
        sa.ForeignKeyConstraint(
            ["vendor_id"],
            ["vendor.id"],
            name=op.f("promo_code_vendor_id_fkey"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("promo_code_pkey")),
    )
    op.create_index(
        "promo_code_code_key",
        "promo_code",
        ["code"],
        unique=True,
        postgresql_where=sa.text("state = 'ACTIVE'"),
    )
    op.create_index("promo_code_vendor_id_idx", "promo_code", ["vendor_id", "created_at", "id"])
    op.create_index("promo_code_created_at_idx", "promo_code", ["created_at", "id"])
    op.create_table(
        "promo_use",
        sa.Column("order_id", sa.Uuid(), nullable=False),
        sa.Column("promo_code_id", sa.Uuid(), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("turn", sa.Integer(), nullable=False),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("turn BETWEEN 1 AND 100", name=op.f("promo_use_turn_check")),
        sa.CheckConstraint(
            "amount BETWEEN 0 AND 1000000000000", name=op.f("promo_use_amount_check")
        ),
        sa.ForeignKeyConstraint(
            ["promo_code_id"],
            ["promo_code.id"],
            name=op.f("promo_use_promo_code_id_fkey"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.ForeignKeyConstraint(
            ["user_id"],
            ["user.id"],
            name=op.f("promo_use_user_id_fkey"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.PrimaryKeyConstraint("order_id", "promo_code_id", name=op.f("promo_use_pkey")),
    )
    op.create_index(
        "promo_use_turn_key", "promo_use", ["promo_code_id", "user_id", "turn"], unique=True
    )
    op.create_index("promo_use_user_id_idx", "promo_use", ["user_id"])


def downgrade() -> None:
    op.drop_table("promo_use")
    op.drop_table("promo_code")
