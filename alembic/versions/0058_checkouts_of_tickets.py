"""Checkouts without a cart, of which a user has one in each currency."""

import sqlalchemy as sa
from alembic import op

revision = "0058"
down_revision = "0057"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.alter_column("checkout", "cart_id", nullable=True)
    op.drop_index("checkout_open_key", "checkout")
    op.create_index(
        "checkout_open_key",
        "checkout",
        ["user_id", "cart_id", "currency"],
        unique=True,
        postgresql_nulls_not_distinct=True,
        postgresql_where=sa.text("state = 'OPEN'"),
    )
    op.drop_index("checkout_expires_at_idx", "checkout")
    op.create_index(
        "checkout_expires_at_idx",
        "checkout",
        ["expires_at"],
        postgresql_where=sa.text("state <> 'ORDERED'"),
    )


def downgrade() -> None:
    op.drop_index("checkout_expires_at_idx", "checkout")
    op.create_index(
        "checkout_expires_at_idx",
        "checkout",
        ["expires_at"],
        postgresql_where=sa.text("state = 'OPEN'"),
    )
    op.drop_index("checkout_open_key", "checkout")
    op.create_index(
        "checkout_open_key",
        "checkout",
        ["cart_id", "currency"],
        unique=True,
        postgresql_where=sa.text("state = 'OPEN'"),
    )
    op.execute("DELETE FROM checkout WHERE cart_id IS NULL AND state <> 'ORDERED'")
    op.execute("UPDATE checkout SET cart_id = id WHERE cart_id IS NULL")
    op.alter_column("checkout", "cart_id", nullable=False)
