"""Slugs of vendors that were never public, which are free for others now."""

from alembic import op

revision = "0039"
down_revision = "0038"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("""
        DELETE FROM vendor_slug USING vendor
        WHERE vendor.id = vendor_id
          AND (status = 'REJECTED' OR status = 'PENDING' AND NOT is_current)
    """)


def downgrade() -> None:
    """Do nothing: other vendors may have the slugs by now."""
