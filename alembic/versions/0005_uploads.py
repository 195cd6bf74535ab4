"""Files that people send."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def choice(*values: str, name: str) -> sa.Enum:
    return sa.Enum(*values, name=name, native_enum=False, create_constraint=True, length=20)


def upgrade() -> None:
    rejection_reasons = ("SIZE", "TOO_LARGE", "TYPE", "AMBIGUOUS", "DAMAGED", "PIXELS")
    states = ("PENDING", "READY", "REFUSED")
    op.create_table(
        "upload",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("purpose", choice("CHAT", name="uploadpurpose"), nullable=False),
        sa.Column("state", choice(*states, name="uploadstate"), nullable=False),
        sa.Column("file_name", sa.String(200), nullable=False),
        sa.Column("content_type", sa.String(100), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("width", sa.Integer(), nullable=True),
        sa.Column("height", sa.Integer(), nullable=True),
        sa.Column("key", sa.String(200), nullable=True),
        sa.Column(
            "rejection_reason",
            choice(*rejection_reasons, name="uploadrejectionreason"),
            nullable=True,
        ),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("attached_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("size BETWEEN 1 AND 26214400", name=op.f("upload_size_check")),
        sa.CheckConstraint("(state = 'READY') = (key IS NOT NULL)", name=op.f("upload_key_check")),
        sa.CheckConstraint(
            "(state = 'REFUSED') = (rejection_reason IS NOT NULL)",
            name=op.f("upload_rejection_reason_check"),
        ),
        sa.CheckConstraint(
            "attached_at IS NULL OR state = 'READY'", name=op.f("upload_attached_at_check")
        ),
        sa.CheckConstraint(
            "num_nonnulls(width, height) IN (0, 2)", name=op.f("upload_picture_check")
        ),
        sa.CheckConstraint("width > 0 AND height > 0", name=op.f("upload_pixels_check")),
        sa.ForeignKeyConstraint(
            ["user_id"],
            ["user.id"],
            name="upload_user_id_fkey",
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.PrimaryKeyConstraint("id", name="upload_pkey"),
    )
    op.create_index(
        "upload_unattached_idx",
        "upload",
        ["user_id"],
        postgresql_where=sa.text("attached_at IS NULL"),
    )


def downgrade() -> None:
    op.drop_table("upload")
