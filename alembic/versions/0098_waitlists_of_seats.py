"""Rows of seats that are closed to the public sale for users who wait."""

import sqlalchemy as sa
from alembic import op

revision = "0098"
down_revision = "0092"
branch_labels = None
depends_on = None

COLUMNS = "waitlist_first", "accessible_first"


def upgrade() -> None:
    """Add both columns. Their defaults stay for servers of the previous release."""
    for name in COLUMNS:
        column = sa.Column(name, sa.Boolean(), server_default=sa.false(), nullable=False)
        op.add_column("seat_row", column)


def downgrade() -> None:
    for name in COLUMNS:
        op.drop_column("seat_row", name)
