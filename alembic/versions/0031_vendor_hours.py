"""Opening hours of vendors, special days, and the times in which they are open.

The extension `btree_gist` compares ids in constraints on time ranges. Owners of a database can
create it: it is a trusted one.
"""

from typing import Any

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0031"
down_revision = "0030"
branch_labels = None
depends_on = None

DEFERRED: dict[str, Any] = {"deferrable": True, "initially": "DEFERRED"}
TIME = sa.DateTime(timezone=True)
INVISIBLE = (
    r"[\u0001-\u001f\u007f-\u009f\u200b\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff\u2800\u3164]"
)


def upgrade() -> None:
    op.execute("CREATE EXTENSION IF NOT EXISTS btree_gist")
    closes = sa.Column("closes_on_holidays", sa.Boolean(), server_default="false", nullable=False)
    op.add_column("vendor", closes)
    _create_hours()
    _create_days()
    _create_open()


def downgrade() -> None:
    for table in ("vendor_open", "vendor_day", "vendor_hours"):
        op.drop_table(table)
    op.drop_column("vendor", "closes_on_holidays")
    op.execute("DROP EXTENSION btree_gist")


def _create_hours() -> None:
    op.create_table(
        "vendor_hours",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", TIME, nullable=False),
        sa.Column("vendor_id", sa.Uuid(), nullable=False),
        sa.Column("weekday", sa.Integer(), nullable=False),
        sa.Column("from_minute", sa.Integer(), nullable=False),
        sa.Column("until_minute", sa.Integer(), nullable=False),
        sa.CheckConstraint("weekday BETWEEN 1 AND 7", name=op.f("vendor_hours_weekday_check")),
        sa.CheckConstraint(
            "from_minute BETWEEN 0 AND 1439 AND until_minute - from_minute BETWEEN 1 AND 1440",
            name=op.f("vendor_hours_span_check"),
        ),
        postgresql.ExcludeConstraint(
            ("vendor_id", "="),
            ("weekday", "="),
            (sa.text("int4range(from_minute, until_minute)"), "&&"),
            using="gist",
            name="vendor_hours_span_excl",
        ),
        _reference("vendor_hours"),
        sa.PrimaryKeyConstraint("id", name=op.f("vendor_hours_pkey")),
    )


def _create_days() -> None:
    op.create_table(
        "vendor_day",
        sa.Column("vendor_id", sa.Uuid(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("name", sa.String(80), nullable=True),
        sa.Column("spans", postgresql.JSONB(none_as_null=True), nullable=False),
        sa.CheckConstraint("jsonb_array_length(spans) <= 4", name=op.f("vendor_day_spans_check")),
        sa.CheckConstraint(
            f"name !~ '{INVISIBLE}' AND name = btrim(name) AND name <> ''",
            name=op.f("vendor_day_name_line_check"),
        ),
        _reference("vendor_day"),
        sa.PrimaryKeyConstraint("vendor_id", "day", name=op.f("vendor_day_pkey")),
    )
    op.create_index("vendor_day_day_idx", "vendor_day", ["day"])


def _create_open() -> None:
    op.create_table(
        "vendor_open",
        sa.Column("vendor_id", sa.Uuid(), nullable=False),
        sa.Column("starts_at", TIME, nullable=False),
        sa.Column("ends_at", TIME, nullable=False),
        sa.CheckConstraint("starts_at < ends_at", name=op.f("vendor_open_times_check")),
        postgresql.ExcludeConstraint(
            ("vendor_id", "="),
            (sa.text("tstzrange(starts_at, ends_at)"), "&&"),
            using="gist",
            name="vendor_open_during_excl",
        ),
        _reference("vendor_open"),
        sa.PrimaryKeyConstraint("vendor_id", "starts_at", name=op.f("vendor_open_pkey")),
    )
    op.create_index(
        "vendor_open_during_idx",
        "vendor_open",
        [sa.text("tstzrange(starts_at, ends_at)")],
        postgresql_using="gist",
    )


def _reference(table: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        ["vendor_id"], ["vendor.id"], name=op.f(f"{table}_vendor_id_fkey"), **DEFERRED
    )
