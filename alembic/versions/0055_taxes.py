"""Rates of taxes, and registrations of vendors for them."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0055"
down_revision = "0054"
branch_labels = None
depends_on = None

ONE_LINE = (
    "{0} !~ '[\\u0001-\\u001f\\u007f-\\u009f\\u200b\\u200e\\u200f\\u2028-\\u202e\\u2066-\\u2069"
    "\\ufeff\\u2800\\u3164]' AND {0} = btrim({0}) AND {0} <> ''"
)


def upgrade() -> None:
    op.create_table(
        "tax_rate",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("country", sa.String(2), nullable=False),
        sa.Column("region", sa.String(80), nullable=True),
        sa.Column("tax_class", sa.String(40), nullable=True),
        sa.Column("hsn_prefix", sa.String(8), nullable=True),
        sa.Column("bps", sa.Integer(), nullable=False),
        sa.Column("cess_bps", sa.Integer(), server_default="0", nullable=False),
        sa.Column("starts_on", sa.Date(), nullable=False),
        sa.Column("ends_on", sa.Date(), nullable=True),
        sa.Column("source", sa.String(300), nullable=False),
        _check("tax_rate", "country", "country ~ '^[A-Z]{2}$'"),
        _check("tax_rate", "region_line", ONE_LINE.format("region")),
        _check("tax_rate", "goods", "num_nonnulls(tax_class, hsn_prefix) = 1"),
        _check("tax_rate", "hsn_prefix", "hsn_prefix ~ '^[0-9]{2,8}$'"),
        _check(
            "tax_rate",
            "tax_class",
            "tax_class <> 'EXEMPT' AND (tax_class <> 'ZERO' OR bps + cess_bps = 0)",
        ),
        _check("tax_rate", "bps", "bps BETWEEN 0 AND 10000"),
        _check("tax_rate", "halves", "country <> 'IN' OR bps % 2 = 0"),
        _check(
            "tax_rate",
            "cess_bps",
            "cess_bps BETWEEN 0 AND 30000 AND (cess_bps = 0 OR country = 'IN')",
        ),
        _check("tax_rate", "ends_on", "ends_on >= starts_on"),
        _check("tax_rate", "source_line", ONE_LINE.format("source")),
        postgresql.ExcludeConstraint(
            ("country", "="),
            (sa.text("COALESCE(region, '')"), "="),
            (sa.text("COALESCE(tax_class, '')"), "="),
            (sa.text("COALESCE(hsn_prefix, '')"), "="),
            (sa.text("daterange(starts_on, ends_on, '[]')"), "&&"),
            using="gist",
            name="tax_rate_during_excl",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("tax_rate_pkey")),
    )
    op.create_index("tax_rate_country_idx", "tax_rate", ["country", "starts_on", "id"])
    op.create_index("tax_rate_starts_on_idx", "tax_rate", ["starts_on", "id"])
    op.create_table(
        "tax_registration",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("vendor_id", sa.Uuid(), nullable=False),
        sa.Column("country", sa.String(2), nullable=False),
        sa.Column("region", sa.String(80), nullable=True),
        sa.Column("kind", sa.String(40), nullable=False),
        sa.Column("number", sa.LargeBinary(), nullable=True),
        sa.Column("prices_include_tax", sa.Boolean(), nullable=False),
        _check("tax_registration", "country", "country ~ '^[A-Z]{2}$'"),
        _check("tax_registration", "region_line", ONE_LINE.format("region")),
        _check("tax_registration", "sellerkind", "kind IN ('REGULAR', 'COMPOSITION', 'NONE')"),
        _check("tax_registration", "number", "(kind = 'NONE') = (number IS NULL)"),
        _check("tax_registration", "composition", "kind <> 'COMPOSITION' OR country = 'IN'"),
        _check("tax_registration", "state", "country NOT IN ('IN', 'US') OR region IS NOT NULL"),
        sa.ForeignKeyConstraint(
            ["vendor_id"],
            ["vendor.id"],
            name=op.f("tax_registration_vendor_id_fkey"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("tax_registration_pkey")),
        sa.UniqueConstraint(
            "vendor_id",
            "country",
            "region",
            name=op.f("tax_registration_vendor_id_country_region_key"),
            postgresql_nulls_not_distinct=True,
        ),
    )


def downgrade() -> None:
    op.drop_table("tax_registration")
    op.drop_table("tax_rate")


def _check(table: str, name: str, condition: str) -> sa.CheckConstraint:
    return sa.CheckConstraint(condition, name=op.f(f"{table}_{name}_check"))
