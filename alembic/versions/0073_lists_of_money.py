"""Indexes of the lists of all payments, refunds and purchases."""

import sqlalchemy as sa
from alembic import op

revision = "0073"
down_revision = "0072"
branch_labels = None
depends_on = None

LISTED = ("payment", "refund", "purchase")


def upgrade() -> None:
    for table in LISTED:
        op.create_index(f"{table}_created_at_idx", table, ["created_at", "id"])
    op.create_index(
        "refund_part_by_hand_idx",
        "refund_part",
        ["refund_id"],
        postgresql_where=sa.text("provider = 'MANUAL' AND part_state = 'PLANNED'"),
    )


def downgrade() -> None:
    op.drop_index("refund_part_by_hand_idx", table_name="refund_part")
    for table in LISTED:
        op.drop_index(f"{table}_created_at_idx", table_name=table)
