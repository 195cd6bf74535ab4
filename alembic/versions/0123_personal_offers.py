"""The switch of users for offers that are ranked by their history."""

import sqlalchemy as sa
from alembic import op

revision = "0123"
down_revision = "0122"
branch_labels = None
depends_on = None


def upgrade() -> None:
    switch = sa.Column("personal_offers", sa.Boolean(), nullable=False, server_default=sa.true())
    op.add_column("user", switch)


def downgrade() -> None:
    op.drop_column("user", "personal_offers")
