"""The times of series of bookings, as they were when these were made."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0101"
down_revision = "0100"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column(
        "booking_series",
        sa.Column("occurrences", postgresql.JSONB(), nullable=False, server_default="[]"),
    )
    op.alter_column("booking_series", "occurrences", server_default=None)
    op.drop_constraint(op.f("booking_series_count_check"), "booking_series")
    op.create_check_constraint(
        op.f("booking_series_count_check"),
        "booking_series",
        "count BETWEEN 2 AND 52 AND jsonb_array_length(occurrences) = count",
    )


def downgrade() -> None:
    op.drop_constraint(op.f("booking_series_count_check"), "booking_series")
    op.create_check_constraint(
        op.f("booking_series_count_check"), "booking_series", "count BETWEEN 2 AND 52"
    )
    op.drop_column("booking_series", "occurrences")
