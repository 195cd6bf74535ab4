"""Delivery zones and rates of vendors."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0046"
down_revision = "0045"
branch_labels = None
depends_on = None

ONE_LINE = (
    "name !~ '[\\u0001-\\u001f\\u007f-\\u009f\\u200b\\u200e\\u200f\\u2028-\\u202e\\u2066-\\u2069"
    "\\ufeff\\u2800\\u3164]' AND name = btrim(name) AND name <> ''"
)
TEXTS = postgresql.ARRAY(sa.Text())


def upgrade() -> None:
    op.create_table(
        "shipping_zone",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("vendor_id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.String(60), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("countries", TEXTS, nullable=False),
        sa.Column("pin_prefixes", TEXTS, nullable=False),
        sa.CheckConstraint(ONE_LINE, name=op.f("shipping_zone_name_line_check")),
        sa.CheckConstraint("position BETWEEN 0 AND 19", name=op.f("shipping_zone_position_check")),
        sa.CheckConstraint(
            "cardinality(countries) BETWEEN 1 AND 250", name=op.f("shipping_zone_countries_check")
        ),
        sa.CheckConstraint(
            "cardinality(pin_prefixes) <= 200"
            " AND (cardinality(pin_prefixes) = 0 OR cardinality(countries) = 1)",
            name=op.f("shipping_zone_pin_prefixes_check"),
        ),
        _to_vendor("shipping_zone"),
        sa.PrimaryKeyConstraint("id", name=op.f("shipping_zone_pkey")),
        sa.UniqueConstraint(
            "vendor_id",
            "name",
            name=op.f("shipping_zone_vendor_id_name_key"),
            deferrable=True,
            initially="DEFERRED",
        ),
    )
    op.create_table(
        "shipping_rate",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("zone_id", sa.Uuid(), nullable=False),
        sa.Column("vendor_id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.String(60), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(40), nullable=False),
        sa.Column("bands", postgresql.JSONB(), nullable=False),
        sa.Column("free_over", sa.BigInteger(), nullable=True),
        sa.Column("min_days", sa.Integer(), nullable=False),
        sa.Column("max_days", sa.Integer(), nullable=False),
        sa.CheckConstraint(ONE_LINE, name=op.f("shipping_rate_name_line_check")),
        sa.CheckConstraint("position BETWEEN 0 AND 9", name=op.f("shipping_rate_position_check")),
        sa.CheckConstraint(
            "kind IN ('FLAT', 'WEIGHT', 'PRICE', 'LOCAL', 'PICKUP')",
            name=op.f("shipping_rate_ratekind_check"),
        ),
        sa.CheckConstraint(
            "free_over BETWEEN 1 AND 1000000000000", name=op.f("shipping_rate_free_over_check")
        ),
        sa.CheckConstraint(
            "min_days BETWEEN 0 AND max_days AND max_days <= 90",
            name=op.f("shipping_rate_days_check"),
        ),
        sa.CheckConstraint(
            "jsonb_array_length(bands) BETWEEN 1 AND 20"
            " AND (kind NOT IN ('FLAT', 'PICKUP') OR jsonb_array_length(bands) = 1)",
            name=op.f("shipping_rate_bands_check"),
        ),
        sa.ForeignKeyConstraint(
            ["zone_id"],
            ["shipping_zone.id"],
            name=op.f("shipping_rate_zone_id_fkey"),
            initially="DEFERRED",
            deferrable=True,
        ),
        _to_vendor("shipping_rate"),
        sa.PrimaryKeyConstraint("id", name=op.f("shipping_rate_pkey")),
        sa.UniqueConstraint(
            "zone_id",
            "name",
            name=op.f("shipping_rate_zone_id_name_key"),
            deferrable=True,
            initially="DEFERRED",
        ),
    )
    op.create_index("shipping_rate_vendor_id_idx", "shipping_rate", ["vendor_id"])


def downgrade() -> None:
    op.drop_table("shipping_rate")
    op.drop_table("shipping_zone")


def _to_vendor(table: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        ["vendor_id"],
        ["vendor.id"],
        name=op.f(f"{table}_vendor_id_fkey"),
        initially="DEFERRED",
        deferrable=True,
    )
