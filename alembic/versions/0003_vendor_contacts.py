"""Where a vendor is reached: its telephone and its page."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("vendor", sa.Column("phone", sa.String(16)))
    op.add_column("vendor", sa.Column("website", sa.String(2000)))


def downgrade() -> None:
    op.drop_column("vendor", "website")
    op.drop_column("vendor", "phone")
