"""Notifications that are read, and how they reach those who aren't looking.

Those there are count as read: there was no place to read them at.
"""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "notification_inbox",
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("unread", sa.Integer(), nullable=False),
        sa.CheckConstraint("unread >= 0", name=op.f("notification_inbox_unread_check")),
        sa.ForeignKeyConstraint(
            ["user_id"],
            ["user.id"],
            name=op.f("notification_inbox_user_id_fkey"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.PrimaryKeyConstraint("user_id", name=op.f("notification_inbox_pkey")),
    )
    op.create_table(
        "notification_preference",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "VOUCHER_REDEEMED",
                "MESSAGE_RECEIVED",
                name="notificationkind",
                native_enum=False,
                create_constraint=True,
                length=20,
            ),
            nullable=False,
        ),
        sa.Column(
            "channel",
            sa.Enum(
                "PUSH", "MAIL", name="channel", native_enum=False, create_constraint=True, length=20
            ),
            nullable=False,
        ),
        sa.Column("allowed", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(
            ["user_id"],
            ["user.id"],
            name=op.f("notification_preference_user_id_fkey"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("notification_preference_pkey")),
        sa.UniqueConstraint(
            "user_id",
            "kind",
            "channel",
            name=op.f("notification_preference_user_id_kind_channel_key"),
        ),
    )
    op.create_table(
        "quiet_hours",
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("starts_at", sa.Time(), nullable=False),
        sa.Column("ends_at", sa.Time(), nullable=False),
        sa.Column("time_zone", sa.String(length=64), nullable=False),
        sa.CheckConstraint("starts_at <> ends_at", name=op.f("quiet_hours_span_check")),
        sa.ForeignKeyConstraint(
            ["user_id"],
            ["user.id"],
            name=op.f("quiet_hours_user_id_fkey"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.PrimaryKeyConstraint("user_id", name=op.f("quiet_hours_pkey")),
    )
    op.create_table(
        "delivery",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("notification_id", sa.Uuid(), nullable=False),
        sa.Column(
            "channel",
            sa.Enum(
                "PUSH", "MAIL", name="channel", native_enum=False, create_constraint=True, length=20
            ),
            nullable=False,
        ),
        sa.Column("device_id", sa.Uuid(), nullable=True),
        sa.Column(
            "state",
            sa.Enum(
                "WAITING",
                "SENT",
                "SKIPPED",
                "FAILED",
                name="deliverystate",
                native_enum=False,
                create_constraint=True,
                length=20,
            ),
            nullable=False,
        ),
        sa.Column(
            "skip_reason",
            sa.Enum(
                "READ",
                "UNWANTED",
                "NO_ADDRESS",
                "NO_PART",
                "SUPERSEDED",
                "DROPPED",
                name="skipreason",
                native_enum=False,
                create_constraint=True,
                length=20,
            ),
            nullable=True,
        ),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("completed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("error", sa.String(length=300), nullable=True),
        sa.Column("provider_id", sa.String(length=300), nullable=True),
        sa.CheckConstraint(
            "(channel = 'PUSH') = (device_id IS NOT NULL)", name=op.f("delivery_device_check")
        ),
        sa.CheckConstraint(
            "(state = 'SKIPPED') = (skip_reason IS NOT NULL)",
            name=op.f("delivery_skip_reason_check"),
        ),
        sa.CheckConstraint(
            "(state = 'WAITING') = (completed_at IS NULL)", name=op.f("delivery_settled_check")
        ),
        sa.CheckConstraint("attempts BETWEEN 0 AND 8", name=op.f("delivery_attempts_check")),
        sa.ForeignKeyConstraint(
            ["notification_id"],
            ["notification.id"],
            name=op.f("delivery_notification_id_fkey"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("delivery_pkey")),
        sa.UniqueConstraint(
            "notification_id",
            "channel",
            "device_id",
            name=op.f("delivery_notification_id_channel_device_id_key"),
            postgresql_nulls_not_distinct=True,
        ),
    )
    op.create_index(
        "delivery_failed_idx",
        "delivery",
        ["completed_at", "id"],
        unique=False,
        postgresql_where=sa.text("state = 'FAILED'"),
    )
    op.create_table(
        "device",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("session_id", sa.Uuid(), nullable=False),
        sa.Column(
            "platform",
            sa.Enum(
                "ANDROID",
                "IOS",
                "WEB",
                name="platform",
                native_enum=False,
                create_constraint=True,
                length=20,
            ),
            nullable=False,
        ),
        sa.Column("token", sa.String(length=4096), nullable=False),
        sa.Column("token_hash", sa.LargeBinary(), nullable=False),
        sa.Column("seen_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["session_id"],
            ["user_session.id"],
            name=op.f("device_session_id_fkey"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.ForeignKeyConstraint(
            ["user_id"],
            ["user.id"],
            name=op.f("device_user_id_fkey"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("device_pkey")),
        sa.UniqueConstraint("token_hash", name=op.f("device_token_hash_key")),
    )
    op.create_index("device_seen_at_idx", "device", ["seen_at"], unique=False)
    op.create_index(op.f("device_session_id_idx"), "device", ["session_id"], unique=False)
    op.create_index("device_user_id_idx", "device", ["user_id", "seen_at", "id"], unique=False)
    op.add_column(
        "notification",
        sa.Column("up_to_sequence", sa.Integer(), server_default="0", nullable=False),
    )
    op.add_column(
        "notification", sa.Column("count", sa.Integer(), server_default="1", nullable=False)
    )
    op.add_column("notification", sa.Column("read_at", sa.DateTime(timezone=True), nullable=True))
    op.execute("UPDATE notification SET read_at = created_at")
    op.create_check_constraint(op.f("notification_count_check"), "notification", "count >= 1")
    op.drop_constraint(op.f("notification_notificationkind_check"), "notification", type_="check")
    op.create_check_constraint(
        op.f("notification_notificationkind_check"),
        "notification",
        "kind IN ('VOUCHER_REDEEMED', 'MESSAGE_RECEIVED')",
    )
    op.drop_constraint(op.f("notification_kind_subject_id_key"), "notification", type_="unique")
    op.drop_index(op.f("notification_user_id_idx"), table_name="notification")
    op.create_index(
        "notification_user_id_idx", "notification", ["user_id", "created_at", "id"], unique=False
    )
    op.create_index("notification_created_at_idx", "notification", ["created_at"], unique=False)
    op.create_index(
        "notification_unread_idx",
        "notification",
        ["user_id", "created_at", "id"],
        unique=False,
        postgresql_where=sa.text("read_at IS NULL"),
    )
    op.create_unique_constraint(
        op.f("notification_user_id_kind_subject_id_up_to_sequence_key"),
        "notification",
        ["user_id", "kind", "subject_id", "up_to_sequence"],
    )


def downgrade() -> None:
    op.execute("DELETE FROM delivery")
    op.execute("DELETE FROM notification WHERE kind = 'MESSAGE_RECEIVED'")
    op.drop_constraint(op.f("notification_notificationkind_check"), "notification", type_="check")
    op.create_check_constraint(
        op.f("notification_notificationkind_check"), "notification", "kind IN ('VOUCHER_REDEEMED')"
    )
    op.drop_constraint(
        op.f("notification_user_id_kind_subject_id_up_to_sequence_key"),
        "notification",
        type_="unique",
    )
    op.drop_index(
        "notification_unread_idx",
        table_name="notification",
        postgresql_where=sa.text("read_at IS NULL"),
    )
    op.drop_index("notification_created_at_idx", table_name="notification")
    op.drop_index("notification_user_id_idx", table_name="notification")
    op.create_index(op.f("notification_user_id_idx"), "notification", ["user_id"], unique=False)
    op.create_unique_constraint(
        op.f("notification_kind_subject_id_key"),
        "notification",
        ["kind", "subject_id"],
        postgresql_nulls_not_distinct=False,
    )
    op.drop_column("notification", "read_at")
    op.drop_column("notification", "count")
    op.drop_column("notification", "up_to_sequence")
    op.drop_index("device_user_id_idx", table_name="device")
    op.drop_index(op.f("device_session_id_idx"), table_name="device")
    op.drop_index("device_seen_at_idx", table_name="device")
    op.drop_table("device")
    op.drop_index(
        "delivery_failed_idx", table_name="delivery", postgresql_where=sa.text("state = 'FAILED'")
    )
    op.drop_table("delivery")
    op.drop_table("quiet_hours")
    op.drop_table("notification_preference")
    op.drop_table("notification_inbox")
