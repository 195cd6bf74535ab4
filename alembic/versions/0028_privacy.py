"""Exports of accounts' data, deletions that wait, and the append-only ledger of erasures."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0028"
down_revision = "0027"
branch_labels = None
depends_on = None

FUNCTION = """
CREATE FUNCTION erasure_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'erasure is append-only' USING ERRCODE = 'insufficient_privilege';
END $$;
"""
TRIGGER = """
CREATE TRIGGER erasure_append_only BEFORE UPDATE OR DELETE ON erasure
    FOR EACH ROW EXECUTE FUNCTION erasure_append_only()
"""


def upgrade() -> None:
    op.create_table(
        "data_export",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("token_hash", sa.LargeBinary()),
        sa.Column("ready_at", sa.DateTime(timezone=True)),
        sa.Column("size", sa.BigInteger()),
        sa.Column("downloaded_at", sa.DateTime(timezone=True)),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "(ready_at IS NULL) = (size IS NULL) AND size > 0", name=op.f("data_export_size_check")
        ),
        sa.CheckConstraint(
            "downloaded_at IS NULL OR (ready_at IS NOT NULL AND downloaded_at <= expires_at)",
            name=op.f("data_export_downloaded_at_check"),
        ),
        _of_user("data_export"),
        sa.PrimaryKeyConstraint("id", name=op.f("data_export_pkey")),
        sa.UniqueConstraint("token_hash", name=op.f("data_export_token_hash_key")),
    )
    op.create_index(op.f("data_export_user_id_idx"), "data_export", ["user_id"])
    op.create_index(op.f("data_export_expires_at_idx"), "data_export", ["expires_at"])
    op.create_table(
        "account_deletion",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("token_hash", sa.LargeBinary()),
        sa.CheckConstraint("due_at > created_at", name=op.f("account_deletion_due_at_check")),
        _of_user("account_deletion"),
        sa.PrimaryKeyConstraint("id", name=op.f("account_deletion_pkey")),
        sa.UniqueConstraint("user_id", name=op.f("account_deletion_user_id_key")),
        sa.UniqueConstraint("token_hash", name=op.f("account_deletion_token_hash_key")),
    )
    op.create_table(
        "erasure",
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("requested_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("erased_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("retained", postgresql.JSONB(), nullable=False),
        sa.CheckConstraint("requested_at <= erased_at", name=op.f("erasure_erased_at_check")),
        sa.PrimaryKeyConstraint("user_id", name=op.f("erasure_pkey")),
    )
    op.execute(FUNCTION)
    op.execute(TRIGGER)


def _of_user(table: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        ["user_id"],
        ["user.id"],
        name=op.f(f"{table}_user_id_fkey"),
        initially="DEFERRED",
        deferrable=True,
    )


def downgrade() -> None:
    op.drop_table("erasure")
    op.execute("DROP FUNCTION erasure_append_only()")
    op.drop_table("account_deletion")
    op.drop_table("data_export")
