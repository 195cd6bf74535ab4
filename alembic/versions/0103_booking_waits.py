"""The booking waitlist: one live hold of each wait, and the order in which a vendor serves."""

import sqlalchemy as sa
from alembic import op

revision = "0103"
down_revision = "0102"
branch_labels = None
depends_on = None

OCCUPYING = "state IN ('HELD', 'REQUESTED', 'PENDING_PAYMENT', 'CONFIRMED')"


def upgrade() -> None:
    op.create_index(
        "booking_wait_key",
        "booking",
        ["wait_id"],
        unique=True,
        postgresql_where=sa.text(OCCUPYING),
    )
    op.create_index(
        "booking_wait_serving_idx",
        "booking_wait",
        ["vendor_id", "created_at", "id"],
        unique=False,
        postgresql_where=sa.text("state = 'WAITING'"),
    )


def downgrade() -> None:
    op.drop_index("booking_wait_serving_idx", table_name="booking_wait")
    op.drop_index("booking_wait_key", table_name="booking")
