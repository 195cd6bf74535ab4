"""Rules of bookings: moves of what was approved, and the terms that a move keeps."""

import sqlalchemy as sa
from alembic import op

revision = "0104"
down_revision = "0103"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column(
        "booking",
        sa.Column("refund_cap_bps", sa.Integer(), nullable=False, server_default="10000"),
    )
    op.alter_column("booking", "refund_cap_bps", server_default=None)
    op.create_check_constraint(
        op.f("booking_refund_cap_bps_check"), "booking", "refund_cap_bps BETWEEN 0 AND 10000"
    )
    op.add_column(
        "service",
        sa.Column(
            "moves_without_approval", sa.Boolean(), nullable=False, server_default=sa.false()
        ),
    )
    op.alter_column("service", "moves_without_approval", server_default=None)


def downgrade() -> None:
    op.drop_column("service", "moves_without_approval")
    op.drop_constraint(op.f("booking_refund_cap_bps_check"), "booking", type_="check")
    op.drop_column("booking", "refund_cap_bps")
