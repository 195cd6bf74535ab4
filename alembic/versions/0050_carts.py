"""Carts and their lines."""

import sqlalchemy as sa
from alembic import op

revision = "0050"
down_revision = "0049"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "cart",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=True),
        sa.Column("token_hash", sa.LargeBinary(), nullable=True),
        sa.Column("state", sa.String(40), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("num_nonnulls(user_id, token_hash) = 1", name=op.f("cart_owner_check")),
        sa.CheckConstraint("octet_length(token_hash) = 32", name=op.f("cart_token_hash_check")),
        sa.CheckConstraint("version >= 1", name=op.f("cart_version_check")),
        sa.CheckConstraint(
            "state IN ('ACTIVE', 'ORDERED', 'ABANDONED')", name=op.f("cart_cartstate_check")
        ),
        _to("cart", "user_id", "user"),
        sa.PrimaryKeyConstraint("id", name=op.f("cart_pkey")),
    )
    op.create_index(
        "cart_active_key",
        "cart",
        ["user_id"],
        unique=True,
        postgresql_where=sa.text("state = 'ACTIVE'"),
    )
    op.create_index("cart_token_hash_key", "cart", ["token_hash"], unique=True)
    op.create_index("cart_user_id_idx", "cart", ["user_id"])
    op.create_index(
        "cart_updated_at_idx",
        "cart",
        ["updated_at"],
        postgresql_where=sa.text("state <> 'ORDERED'"),
    )
    op.create_table(
        "cart_line",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("cart_id", sa.Uuid(), nullable=False),
        sa.Column("variant_id", sa.Uuid(), nullable=False),
        sa.Column("quantity", sa.Integer(), nullable=False),
        sa.Column("seen_price", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("quantity BETWEEN 1 AND 999", name=op.f("cart_line_quantity_check")),
        sa.CheckConstraint(
            "seen_price BETWEEN 0 AND 1000000000000", name=op.f("cart_line_seen_price_check")
        ),
        _to("cart_line", "cart_id", "cart"),
        _to("cart_line", "variant_id", "variant"),
        sa.PrimaryKeyConstraint("id", name=op.f("cart_line_pkey")),
        sa.UniqueConstraint("cart_id", "variant_id", name=op.f("cart_line_cart_id_variant_id_key")),
    )


def downgrade() -> None:
    op.drop_table("cart_line")
    op.drop_table("cart")


def _to(table: str, column: str, target: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        [column],
        [f"{target}.id"],
        name=op.f(f"{table}_{column}_fkey"),
        initially="DEFERRED",
        deferrable=True,
    )
