"""Slugs of vendors, texts for search engines, and commissions.

Gives each vendor a slug. Servers of the previous release create vendors without one.
"""

from typing import Any
from uuid import UUID

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from core.text.slugs import slugs_for

revision = "0030"
down_revision = "0029"
branch_labels = None
depends_on = None

DEFERRED: dict[str, Any] = {"deferrable": True, "initially": "DEFERRED"}
TIME = sa.DateTime(timezone=True)
BATCH_SIZE = 2_000
SLUG_RULE = "slug ~ '^[a-z0-9]+(-[a-z0-9]+)*$' AND char_length(slug) BETWEEN 3 AND 60"


def upgrade() -> None:
    for name in ("seo_title", "seo_text"):
        texts = postgresql.JSONB(none_as_null=True)
        op.add_column("vendor", sa.Column(name, texts, server_default="{}", nullable=False))
    _create_slugs()
    _give_slugs()
    _create_commissions()


def downgrade() -> None:
    op.drop_table("vendor_commission")
    op.drop_table("vendor_slug")
    for name in ("seo_text", "seo_title"):
        op.drop_column("vendor", name)


def _create_slugs() -> None:
    op.create_table(
        "vendor_slug",
        sa.Column("slug", sa.String(), nullable=False),
        sa.Column("vendor_id", sa.Uuid(), nullable=False),
        sa.Column("is_current", sa.Boolean(), nullable=False),
        sa.Column("created_at", TIME, nullable=False),
        sa.CheckConstraint(SLUG_RULE, name=op.f("vendor_slug_slug_check")),
        _reference("vendor_slug", "vendor_id", "vendor"),
        sa.PrimaryKeyConstraint("slug", name=op.f("vendor_slug_pkey")),
    )
    op.create_index("vendor_slug_vendor_id_idx", "vendor_slug", ["vendor_id"])
    op.create_index(
        "vendor_slug_current_key",
        "vendor_slug",
        ["vendor_id"],
        unique=True,
        postgresql_where=sa.text("is_current"),
    )


def _give_slugs() -> None:
    """Give each vendor a slug, the older ones first. No other transaction sees the table yet."""
    connection = op.get_bind()
    select = sa.text("SELECT id, name, city FROM vendor WHERE id > :last ORDER BY id LIMIT :batch")
    insert = sa.text(
        "INSERT INTO vendor_slug (slug, vendor_id, is_current, created_at)"
        " SELECT slug, id, true, now()"
        " FROM unnest(CAST(:slugs AS text[]), CAST(:ids AS uuid[])) AS given (slug, id)"
    )
    last, taken = UUID(int=0), set[str]()
    while batch := connection.execute(select, {"last": last, "batch": BATCH_SIZE}).all():
        slugs = []
        for row in batch:
            options = slugs_for(row.name, row.city, row.id.hex[-12:])
            slugs.append(next(slug for slug in options if slug not in taken))
            taken.add(slugs[-1])
        connection.execute(insert, {"slugs": slugs, "ids": [row.id for row in batch]})
        last = batch[-1].id


def _create_commissions() -> None:
    table = "vendor_commission"
    op.create_table(
        table,
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", TIME, nullable=False),
        sa.Column("vendor_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("bps", sa.Integer(), nullable=False),
        sa.Column("starts_at", TIME, nullable=False),
        sa.Column("admin_id", sa.Uuid(), nullable=False),
        sa.CheckConstraint("bps BETWEEN 0 AND 5000", name=op.f(f"{table}_bps_check")),
        sa.CheckConstraint("number >= 1", name=op.f(f"{table}_number_check")),
        _reference(table, "vendor_id", "vendor"),
        _reference(table, "admin_id", "user"),
        sa.PrimaryKeyConstraint("id", name=op.f(f"{table}_pkey")),
        sa.UniqueConstraint(
            "vendor_id", "starts_at", name=op.f(f"{table}_vendor_id_starts_at_key")
        ),
        sa.UniqueConstraint("vendor_id", "number", name=op.f(f"{table}_vendor_id_number_key")),
    )
    op.create_index(op.f(f"{table}_admin_id_idx"), table, ["admin_id"])


def _reference(table: str, column: str, to: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        [column], [f"{to}.id"], name=op.f(f"{table}_{column}_fkey"), **DEFERRED
    )
