"""Saved searches of offers, and the offers that match them."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0122"
down_revision = "0121"
branch_labels = None
depends_on = None

ONE_LINE = (
    "{0} !~ '[\\u0001-\\u001f\\u007f-\\u009f\\u200b\\u200e\\u200f\\u2028-\\u202e\\u2066-\\u2069"
    "\\ufeff\\u2800\\u3164]' AND {0} = btrim({0}) AND {0} <> ''"
)
CHECKS = {
    "name_line": ONE_LINE.format("name"),
    "search_line": ONE_LINE.format("search"),
    "anchors": "cardinality(anchors) BETWEEN 1 AND 200",
    "country": "country ~ '^[A-Z]{2}$'",
    "pin_code": "pin_code ~ '^[A-Z0-9]{3,10}$'",
    "discount_kinds": (
        "cardinality(discount_kinds) BETWEEN 1 AND 4"
        " AND discount_kinds <@ ARRAY['PERCENT', 'AMOUNT', 'BUY_GET', 'FREE_ITEM']"
    ),
    "discount_at_least": "discount_at_least BETWEEN 1 AND 100",
    "latitude": "latitude BETWEEN -90 AND 90",
    "longitude": "longitude BETWEEN -180 AND 180",
    "within_km": "within_km > 0 AND within_km <= 500",
    "circle": "num_nonnulls(latitude, longitude, within_km) IN (0, 3)",
    "searchnotices": "notices IN ('INSTANT', 'DAILY', 'OFF')",
}


def upgrade() -> None:
    op.create_table(
        "saved_search",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.String(80), nullable=False),
        sa.Column("search", sa.String(100), nullable=True),
        *(sa.Column(name, sa.Uuid(), nullable=True) for name in OPTIONAL),
        sa.Column("country", sa.String(2), nullable=True),
        sa.Column("pin_code", sa.String(12), nullable=True),
        sa.Column("discount_kinds", postgresql.ARRAY(sa.Text()), nullable=True),
        sa.Column("discount_at_least", sa.Integer(), nullable=True),
        *(
            sa.Column(name, sa.Float(), nullable=True)
            for name in ("latitude", "longitude", "within_km")
        ),
        sa.Column("anchors", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column("query", postgresql.TSQUERY(), nullable=True),
        sa.Column("notices", sa.String(40), nullable=False),
        sa.Column("seen_upto", sa.DateTime(timezone=True), nullable=False),
        *(
            sa.CheckConstraint(rule, name=op.f(f"saved_search_{name}_check"))
            for name, rule in CHECKS.items()
        ),
        _to("saved_search", "user_id", "user"),
        *(_to("saved_search", f"{name}_id", name) for name in ("vendor", "category", "city")),
        sa.PrimaryKeyConstraint("id", name=op.f("saved_search_pkey")),
        sa.UniqueConstraint("user_id", "name", name=op.f("saved_search_user_id_name_key")),
    )
    op.create_index("saved_search_user_id_idx", "saved_search", ["user_id", "created_at", "id"])
    op.create_index("saved_search_anchors_idx", "saved_search", ["anchors"], postgresql_using="gin")
    for name in OPTIONAL:
        op.create_index(f"saved_search_{name}_idx", "saved_search", [name])
    op.create_table(
        "saved_search_hit",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("search_id", sa.Uuid(), nullable=False),
        sa.Column("offer_id", sa.Uuid(), nullable=False),
        sa.Column("seen", sa.Boolean(), nullable=False),
        sa.Column("waiting", sa.Boolean(), nullable=False),
        _to("saved_search_hit", "search_id", "saved_search"),
        _to("saved_search_hit", "offer_id", "offer"),
        sa.PrimaryKeyConstraint("id", name=op.f("saved_search_hit_pkey")),
        sa.UniqueConstraint(
            "search_id", "offer_id", name=op.f("saved_search_hit_search_id_offer_id_key")
        ),
    )
    hits = "saved_search_hit"
    op.create_index("saved_search_hit_search_id_idx", hits, ["search_id", "created_at", "id"])
    op.create_index("saved_search_hit_offer_id_idx", hits, ["offer_id"])
    op.create_index(
        "saved_search_hit_unseen_idx", hits, ["search_id"], postgresql_where=sa.text("NOT seen")
    )
    op.create_index(
        "saved_search_hit_waiting_idx", hits, ["created_at"], postgresql_where=sa.text("waiting")
    )


def downgrade() -> None:
    op.drop_table("saved_search_hit")
    op.drop_table("saved_search")


OPTIONAL = ("vendor_id", "category_id", "city_id")


def _to(table: str, column: str, target: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        [column],
        [f"{target}.id"],
        name=op.f(f"{table}_{column}_fkey"),
        initially="DEFERRED",
        deferrable=True,
    )
