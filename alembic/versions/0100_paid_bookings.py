"""The amounts that were paid online for bookings."""

import sqlalchemy as sa
from alembic import op

revision = "0100"
down_revision = "0099"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column(
        "booking",
        sa.Column("paid_online", sa.BigInteger(), nullable=False, server_default="0"),
    )
    op.alter_column("booking", "paid_online", server_default=None)
    op.create_check_constraint(
        op.f("booking_paid_online_check"),
        "booking",
        "paid_online >= 0 AND (paid_online = 0 OR order_line_id IS NOT NULL)",
    )


def downgrade() -> None:
    op.drop_column("booking", "paid_online")
