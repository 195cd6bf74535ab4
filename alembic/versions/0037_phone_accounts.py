"""Accounts of a phone number alone, without an email address.

A number that was set before counts as proven now. Servers of the previous release cannot read
accounts without an address: they fail for these until they are replaced.
"""

import sqlalchemy as sa
from alembic import op

revision = "0037"
down_revision = "0036"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.alter_column("user", "email", nullable=True)
    needs = sa.Column("needs_name", sa.Boolean(), server_default="false", nullable=False)
    op.add_column("user", needs)
    op.create_check_constraint(
        op.f("user_password_hash_check"), "user", "password_hash IS NULL OR email IS NOT NULL"
    )
    op.alter_column("email_change", "old_email", nullable=True)
    proven = sa.Column(
        "proven_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False
    )
    op.add_column("phone", proven)
    op.add_column(
        "phone_challenge", sa.Column("locale", sa.String(16), server_default="en", nullable=False)
    )


def downgrade() -> None:
    """Fails while there are accounts without an email address."""
    op.drop_column("phone_challenge", "locale")
    op.drop_column("phone", "proven_at")
    op.alter_column("email_change", "old_email", nullable=False)
    op.drop_constraint(op.f("user_password_hash_check"), "user")
    op.drop_column("user", "needs_name")
    op.alter_column("user", "email", nullable=False)
