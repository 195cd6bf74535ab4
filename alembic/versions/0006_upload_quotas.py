"""Quotas of uploads, the state of their transfers, and a further reason to reject a file."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

REASONS_BEFORE = ("SIZE", "TOO_LARGE", "TYPE", "AMBIGUOUS", "DAMAGED", "PIXELS")
REASONS = (*REASONS_BEFORE, "ACTIVE_CONTENT")
TIMESTAMPS = ("transfer_ends_at", "received_at", "freed_at")


def upgrade() -> None:
    for name in TIMESTAMPS:
        op.add_column("upload", sa.Column(name, sa.DateTime(timezone=True), nullable=True))
    # Files that are refused from now on count as held until they are removed.
    op.execute("UPDATE upload SET freed_at = now() WHERE state = 'REFUSED'")
    op.create_check_constraint(
        op.f("upload_freed_at_check"), "upload", "freed_at IS NULL OR state = 'REFUSED'"
    )
    op.create_check_constraint(
        op.f("upload_transfer_check"),
        "upload",
        "received_at IS NULL OR transfer_ends_at IS NULL",
    )
    restrict_reasons(REASONS)
    op.create_table(
        "upload_quota",
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("bytes", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("bytes BETWEEN 1 AND 524288000", name=op.f("upload_quota_bytes_check")),
        sa.ForeignKeyConstraint(
            ["user_id"],
            ["user.id"],
            name=op.f("upload_quota_user_id_fkey"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.PrimaryKeyConstraint("user_id", name=op.f("upload_quota_pkey")),
    )


def downgrade() -> None:
    op.drop_table("upload_quota")
    op.execute(
        "UPDATE upload SET rejection_reason = 'TYPE' WHERE rejection_reason = 'ACTIVE_CONTENT'"
    )
    restrict_reasons(REASONS_BEFORE)
    op.drop_constraint(op.f("upload_transfer_check"), "upload")
    op.drop_constraint(op.f("upload_freed_at_check"), "upload")
    for name in TIMESTAMPS:
        op.drop_column("upload", name)


def restrict_reasons(reasons: tuple[str, ...]) -> None:
    name = op.f("upload_uploadrejectionreason_check")
    op.drop_constraint(name, "upload")
    values = ", ".join(f"'{reason}'" for reason in reasons)
    op.create_check_constraint(name, "upload", f"rejection_reason IN ({values})")
