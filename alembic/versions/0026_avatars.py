"""Pictures of users."""

import sqlalchemy as sa
from alembic import op

revision = "0026"
down_revision = "0025"
branch_labels = None
depends_on = None


def upgrade() -> None:
    keys = [
        sa.ForeignKeyConstraint(
            [f"{table}_id"],
            [f"{table}.id"],
            name=op.f(f"avatar_{table}_id_fkey"),
            initially="DEFERRED",
            deferrable=True,
        )
        for table in ("user", "upload")
    ]
    op.create_table(
        "avatar",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("upload_id", sa.Uuid(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("avatar_pkey")),
        sa.UniqueConstraint("user_id", name=op.f("avatar_user_id_key")),
        sa.UniqueConstraint("upload_id", name=op.f("avatar_upload_id_key")),
        *keys,
    )


def downgrade() -> None:
    """Remove the pictures. Their uploads expire, and their objects stay until they are removed."""
    op.execute(
        "UPDATE upload SET attached_at = NULL, expires_at = now() FROM avatar"
        " WHERE avatar.upload_id = upload.id"
    )
    op.drop_table("avatar")
