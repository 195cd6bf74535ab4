"""A message's file is an upload: the database holds it."""

from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_foreign_key(
        op.f("message_upload_id_fkey"),
        "message",
        "upload",
        ["upload_id"],
        ["id"],
        initially="DEFERRED",
        deferrable=True,
    )


def downgrade() -> None:
    op.drop_constraint("message_upload_id_fkey", "message", type_="foreignkey")
