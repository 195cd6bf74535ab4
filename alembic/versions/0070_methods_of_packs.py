"""Subscriptions to packs refer to the saved methods that are charged for them."""

from alembic import op

revision = "0070"
down_revision = "0069"
branch_labels = None
depends_on = None

KEY = "pack_subscription_method_id_fkey"
INDEX = "pack_subscription_method_id_idx"


def upgrade() -> None:
    op.execute(
        "UPDATE pack_subscription SET provider = 'WALLET', method_id = NULL"
        " WHERE method_id IS NOT NULL AND NOT EXISTS ("
        "SELECT FROM payment_method WHERE payment_method.id = method_id)"
    )
    op.create_foreign_key(
        op.f(KEY),
        "pack_subscription",
        "payment_method",
        ["method_id"],
        ["id"],
        deferrable=True,
        initially="DEFERRED",
    )
    op.create_index(INDEX, "pack_subscription", ["method_id"])


def downgrade() -> None:
    op.drop_index(INDEX, "pack_subscription")
    op.drop_constraint(op.f(KEY), "pack_subscription", type_="foreignkey")
