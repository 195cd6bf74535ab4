"""Checkouts, orders and sub-orders."""

from typing import Any

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0051"
down_revision = "0050"
branch_labels = None
depends_on = None

TIME = sa.DateTime(timezone=True)
BIG = sa.BigInteger()
JSONB = postgresql.JSONB(none_as_null=True)
DEFERRED: dict[str, Any] = {"deferrable": True, "initially": "DEFERRED"}
ENUM: dict[str, Any] = {"native_enum": False, "create_constraint": True, "length": 40}


def upgrade() -> None:
    op.create_table(
        "checkout",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", TIME, nullable=False),
        sa.Column("cart_id", sa.Uuid(), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column(
            "state",
            sa.Enum("OPEN", "ORDERED", "EXPIRED", name="checkoutstate", **ENUM),
            nullable=False,
        ),
        sa.Column("currency", sa.String(3), nullable=False),
        sa.Column("items", JSONB, nullable=False),
        sa.Column("country", sa.String(2), nullable=True),
        sa.Column("ship_to", sa.LargeBinary(), nullable=True),
        sa.Column("bill_to", sa.LargeBinary(), nullable=True),
        sa.Column("buyer_tax_id", sa.LargeBinary(), nullable=True),
        sa.Column("deliveries", JSONB, nullable=False),
        sa.Column(
            "promo_code_ids", postgresql.ARRAY(sa.Uuid()), server_default="{}", nullable=False
        ),
        sa.Column("wallet", BIG, nullable=False),
        sa.Column("expires_at", TIME, nullable=False),
        sa.Column("updated_at", TIME, nullable=False),
        sa.CheckConstraint("country ~ '^[A-Z]{2}$'", name=op.f("checkout_country_check")),
        sa.CheckConstraint(
            "jsonb_typeof(deliveries) = 'object'", name=op.f("checkout_deliveries_check")
        ),
        sa.CheckConstraint(
            "cardinality(promo_code_ids) <= 5", name=op.f("checkout_promo_code_ids_check")
        ),
        sa.CheckConstraint("jsonb_array_length(items) <= 100", name=op.f("checkout_items_check")),
        sa.CheckConstraint("wallet >= 0", name=op.f("checkout_wallet_check")),
        sa.ForeignKeyConstraint(
            ["user_id"], ["user.id"], name=op.f("checkout_user_id_fkey"), **DEFERRED
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("checkout_pkey")),
    )
    op.create_index(
        "checkout_expires_at_idx",
        "checkout",
        ["expires_at"],
        postgresql_where=sa.text("state = 'OPEN'"),
    )
    op.create_index(
        "checkout_open_key",
        "checkout",
        ["cart_id", "currency"],
        unique=True,
        postgresql_where=sa.text("state = 'OPEN'"),
    )
    op.create_index("checkout_user_id_idx", "checkout", ["user_id"])
    op.create_table(
        "order",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", TIME, nullable=False),
        sa.Column("number", sa.String(8), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("checkout_id", sa.Uuid(), nullable=False),
        sa.Column(
            "state",
            sa.Enum(
                "PENDING",
                "CONFIRMED",
                "COMPLETED",
                "EXPIRED",
                "CANCELLED",
                name="orderstate",
                **ENUM,
            ),
            nullable=False,
        ),
        sa.Column(
            "payment_state",
            sa.String(40),
            nullable=False,
        ),
        sa.Column("currency", sa.String(3), nullable=False),
        sa.Column("goods", BIG, nullable=False),
        sa.Column("vendor_discount", BIG, nullable=False),
        sa.Column("platform_discount", BIG, nullable=False),
        sa.Column("shipping", BIG, nullable=False),
        sa.Column("tax_added", BIG, nullable=False),
        sa.Column("tax_included", BIG, nullable=False),
        sa.Column("rounding", BIG, nullable=False),
        sa.Column("total", BIG, nullable=False),
        sa.Column("paid", BIG, nullable=False),
        sa.Column("refunded", BIG, nullable=False),
        sa.Column("country", sa.String(2), nullable=False),
        sa.Column("ship_to", sa.LargeBinary(), nullable=True),
        sa.Column("bill_to", sa.LargeBinary(), nullable=True),
        sa.Column("buyer_tax_id", sa.LargeBinary(), nullable=True),
        sa.Column("hold_until", TIME, nullable=False),
        sa.Column("confirmed_at", TIME, nullable=True),
        sa.Column("ended_at", TIME, nullable=True),
        sa.CheckConstraint("country ~ '^[A-Z]{2}$'", name=op.f("order_country_check")),
        sa.CheckConstraint("number ~ '^[0-9A-HJKMNP-TV-Z]{8}$'", name=op.f("order_number_check")),
        sa.CheckConstraint(
            "payment_state = CASE WHEN paid < total THEN 'UNPAID' WHEN refunded = 0 THEN 'PAID'"
            " WHEN refunded < total THEN 'PART_REFUNDED' ELSE 'REFUNDED' END",
            name=op.f("order_payment_state_check"),
        ),
        sa.CheckConstraint(
            "refunded BETWEEN 0 AND paid AND paid BETWEEN 0 AND total",
            name=op.f("order_refunded_check"),
        ),
        sa.CheckConstraint(
            "total = goods - vendor_discount - platform_discount + shipping + tax_added AND"
            " least(goods, vendor_discount, platform_discount, shipping, tax_added,"
            " tax_included, total) >= 0",
            name=op.f("order_total_check"),
        ),
        sa.ForeignKeyConstraint(
            ["checkout_id"], ["checkout.id"], name=op.f("order_checkout_id_fkey"), **DEFERRED
        ),
        sa.ForeignKeyConstraint(
            ["user_id"], ["user.id"], name=op.f("order_user_id_fkey"), **DEFERRED
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("order_pkey")),
        sa.UniqueConstraint("checkout_id", name=op.f("order_checkout_id_key")),
        sa.UniqueConstraint("number", name=op.f("order_number_key")),
    )
    op.create_index("order_created_at_idx", "order", ["created_at", "id"])
    op.create_index(
        "order_hold_until_idx",
        "order",
        ["hold_until"],
        postgresql_where=sa.text("state = 'PENDING'"),
    )
    op.create_index("order_state_idx", "order", ["state", "created_at", "id"])
    op.create_index("order_user_id_idx", "order", ["user_id", "created_at", "id"])
    op.create_table(
        "suborder",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", TIME, nullable=False),
        sa.Column("order_id", sa.Uuid(), nullable=False),
        sa.Column("vendor_id", sa.Uuid(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column(
            "state",
            sa.Enum(
                "PENDING",
                "CONFIRMED",
                "PREPARING",
                "SHIPPED",
                "DELIVERED",
                "RELEASED",
                "CANCELLED",
                "RETURNED",
                name="suborderstate",
                **ENUM,
            ),
            nullable=False,
        ),
        sa.Column("goods", BIG, nullable=False),
        sa.Column("vendor_discount", BIG, nullable=False),
        sa.Column("platform_discount", BIG, nullable=False),
        sa.Column("shipping", BIG, nullable=False),
        sa.Column("tax_added", BIG, nullable=False),
        sa.Column("tax_included", BIG, nullable=False),
        sa.Column("rounding", BIG, nullable=False),
        sa.Column("total", BIG, nullable=False),
        sa.Column("refunded", BIG, nullable=False),
        sa.Column("rate_name", sa.String(60), nullable=True),
        sa.Column("is_pickup", sa.Boolean(), nullable=False),
        sa.Column("min_days", sa.Integer(), nullable=True),
        sa.Column("max_days", sa.Integer(), nullable=True),
        sa.Column("accepted_at", TIME, nullable=True),
        sa.Column("delivered_at", TIME, nullable=True),
        sa.Column("release_at", TIME, nullable=True),
        sa.Column("ended_at", TIME, nullable=True),
        sa.CheckConstraint("min_days BETWEEN 0 AND max_days", name=op.f("suborder_days_check")),
        sa.CheckConstraint("position BETWEEN 0 AND 99", name=op.f("suborder_position_check")),
        sa.CheckConstraint("refunded BETWEEN 0 AND total", name=op.f("suborder_refunded_check")),
        sa.CheckConstraint(
            "total = goods - vendor_discount - platform_discount + shipping + tax_added AND"
            " least(goods, vendor_discount, platform_discount, shipping, tax_added,"
            " tax_included, total) >= 0",
            name=op.f("suborder_total_check"),
        ),
        sa.ForeignKeyConstraint(
            ["order_id"], ["order.id"], name=op.f("suborder_order_id_fkey"), **DEFERRED
        ),
        sa.ForeignKeyConstraint(
            ["vendor_id"], ["vendor.id"], name=op.f("suborder_vendor_id_fkey"), **DEFERRED
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("suborder_pkey")),
        sa.UniqueConstraint("order_id", "position", name=op.f("suborder_order_id_position_key")),
        sa.UniqueConstraint("order_id", "vendor_id", name=op.f("suborder_order_id_vendor_id_key")),
    )
    op.create_index("suborder_created_at_idx", "suborder", ["created_at", "id"])
    op.create_index(
        "suborder_release_at_idx",
        "suborder",
        ["release_at"],
        postgresql_where=sa.text("state = 'DELIVERED'"),
    )
    op.create_index("suborder_vendor_id_idx", "suborder", ["vendor_id", "created_at", "id"])
    op.create_index(
        "suborder_vendor_state_idx", "suborder", ["vendor_id", "state", "created_at", "id"]
    )


def downgrade() -> None:
    for name in ("suborder", "order", "checkout"):
        op.drop_table(name)
