"""Suggestions while a user types, and counts of listed offers, which jobs fill."""

import sqlalchemy as sa
from alembic import op

revision = "0115"
down_revision = "0114"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "suggestion",
        sa.Column("target_id", sa.Uuid(), nullable=False),
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("weight", sa.Integer(), nullable=False),
        sa.Column("latitude", sa.Float(), nullable=True),
        sa.Column("longitude", sa.Float(), nullable=True),
        sa.CheckConstraint(
            "kind IN ('TERM', 'VENDOR', 'CATEGORY', 'CITY')",
            name=op.f("suggestion_suggestionkind_check"),
        ),
        sa.CheckConstraint("weight > 0", name=op.f("suggestion_weight_check")),
        sa.CheckConstraint("kind <> 'TERM'", name=op.f("suggestion_stored_check")),
        sa.CheckConstraint("char_length(key) BETWEEN 1 AND 160", name=op.f("suggestion_key_check")),
        sa.PrimaryKeyConstraint("target_id", "key", name=op.f("suggestion_pkey")),
    )
    op.create_index(
        "suggestion_key_idx",
        "suggestion",
        ["key"],
        postgresql_ops={"key": "text_pattern_ops"},
        postgresql_include=["weight", "kind"],
    )
    op.create_index(
        "suggestion_similar_idx",
        "suggestion",
        ["key"],
        postgresql_using="gin",
        postgresql_ops={"key": "gin_trgm_ops"},
    )
    op.create_index("suggestion_kind_idx", "suggestion", ["kind", "target_id"])
    op.create_table(
        "facet_count",
        sa.Column("city_id", sa.Uuid(), nullable=False),
        sa.Column("category_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("band", sa.SmallInteger(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("as_of", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("number >= 0", name=op.f("facet_count_number_check")),
        sa.CheckConstraint("band BETWEEN -1 AND 10", name=op.f("facet_count_band_check")),
        sa.PrimaryKeyConstraint(
            "city_id", "category_id", "kind", "band", name=op.f("facet_count_pkey")
        ),
    )
    op.create_index("facet_count_category_id_idx", "facet_count", ["category_id"])


def downgrade() -> None:
    op.drop_table("facet_count")
    op.drop_table("suggestion")
