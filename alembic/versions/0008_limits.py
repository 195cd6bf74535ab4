"""Networks in which users sign in, and daily quotas."""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

ACTS = (
    "START_CONVERSATION",
    "START_AS_VENDOR",
    "UNANSWERED_MESSAGE",
    "UNANSWERED_AS_VENDOR",
    "REPORT",
    "MAIL",
)


def upgrade() -> None:
    op.create_table(
        "known_network",
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("network_hash", sa.LargeBinary(), nullable=False),
        sa.Column("used_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "octet_length(network_hash) = 32", name=op.f("known_network_network_hash_check")
        ),
        sa.ForeignKeyConstraint(
            ["user_id"],
            ["user.id"],
            name=op.f("known_network_user_id_fkey"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.PrimaryKeyConstraint("user_id", "network_hash", name=op.f("known_network_pkey")),
    )
    op.create_index(op.f("known_network_used_at_idx"), "known_network", ["used_at"])
    op.create_table(
        "daily_use",
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column(
            "act",
            sa.Enum(
                *ACTS,
                name=op.f("daily_use_dailyact_check"),
                native_enum=False,
                create_constraint=True,
                length=20,
            ),
            nullable=False,
        ),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("used", sa.Integer(), nullable=False),
        sa.CheckConstraint("used >= 1", name=op.f("daily_use_used_check")),
        sa.ForeignKeyConstraint(
            ["user_id"],
            ["user.id"],
            name=op.f("daily_use_user_id_fkey"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.PrimaryKeyConstraint("user_id", "act", "day", name=op.f("daily_use_pkey")),
    )
    op.create_index(op.f("daily_use_day_idx"), "daily_use", ["day"])


def downgrade() -> None:
    op.drop_table("daily_use")
    op.drop_table("known_network")
