"""Sizes of pictures. The hourly clean-up has those of older pictures made."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0025"
down_revision = "0024"
branch_labels = None
depends_on = None


def upgrade() -> None:
    states = sa.Enum(
        *("PENDING", "READY", "FAILED"),
        name="picturestate",
        native_enum=False,
        create_constraint=True,
        length=40,
    )
    op.create_table(
        "picture_sizes",
        sa.Column("upload_id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("state", states, nullable=False),
        sa.Column("blurhash", sa.String(100), nullable=True),
        sa.Column("sizes", postgresql.JSONB(none_as_null=True), nullable=False),
        sa.Column("bytes", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "(state = 'READY') = (blurhash IS NOT NULL AND jsonb_array_length(sizes) > 0)",
            name=op.f("picture_sizes_ready_check"),
        ),
        sa.CheckConstraint(
            "jsonb_array_length(sizes) <= 12", name=op.f("picture_sizes_sizes_check")
        ),
        sa.CheckConstraint(
            "char_length(blurhash) BETWEEN 6 AND 100", name=op.f("picture_sizes_blurhash_check")
        ),
        sa.CheckConstraint("bytes >= 0", name=op.f("picture_sizes_bytes_check")),
        sa.ForeignKeyConstraint(
            ["upload_id"],
            ["upload.id"],
            name=op.f("picture_sizes_upload_id_fkey"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.PrimaryKeyConstraint("upload_id", name=op.f("picture_sizes_pkey")),
    )
    op.create_index(
        "picture_sizes_pending_idx",
        "picture_sizes",
        ["created_at"],
        postgresql_where=sa.text("state = 'PENDING'"),
    )


def downgrade() -> None:
    """Remove the sizes. Their objects stay until the pictures' are removed."""
    op.drop_table("picture_sizes")
