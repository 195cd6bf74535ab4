"""Reminders of bookings, what busy feeds need, and bookings that shift with their time zones."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0097"
down_revision = "0096"
branch_labels = None
depends_on = None

TIME = sa.DateTime(timezone=True)


def upgrade() -> None:
    _create_reminder_rule()
    _create_zone_rules()
    _create_booking_shift()
    op.add_column("booking", sa.Column("coming_revision", sa.Integer(), nullable=True))
    op.create_check_constraint(
        op.f("booking_coming_revision_check"), "booking", "coming_revision BETWEEN 0 AND revision"
    )
    op.add_column("busy_feed", sa.Column("host", sa.String(length=255), nullable=False))
    op.execute("ALTER TABLE busy_feed DROP CONSTRAINT IF EXISTS busy_feed_problem_check")
    op.alter_column("busy_feed", "problem", type_=sa.String(length=40))
    op.drop_column("time_block", "feed_uid")


def _create_reminder_rule() -> None:
    op.create_table(
        "reminder_rule",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", TIME, nullable=False),
        sa.Column("vendor_id", sa.Uuid(), nullable=False),
        sa.Column("service_id", sa.Uuid(), nullable=True),
        sa.Column("minutes", postgresql.ARRAY(sa.Integer()), nullable=False),
        sa.CheckConstraint(
            "cardinality(minutes) <= 4 AND 15 <= ALL(minutes) AND 20160 >= ALL(minutes)",
            name=op.f("reminder_rule_minutes_check"),
        ),
        sa.ForeignKeyConstraint(
            ["vendor_id"],
            ["vendor.id"],
            name=op.f("reminder_rule_vendor_id_fkey"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.ForeignKeyConstraint(
            ["service_id", "vendor_id"],
            ["service.id", "service.vendor_id"],
            name=op.f("reminder_rule_service_id_fkey"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("reminder_rule_pkey")),
    )
    op.create_index(
        "reminder_rule_of_key",
        "reminder_rule",
        ["vendor_id", "service_id"],
        unique=True,
        postgresql_nulls_not_distinct=True,
    )
    op.create_index("reminder_rule_service_id_idx", "reminder_rule", ["service_id"])


def _create_zone_rules() -> None:
    op.create_table(
        "zone_rules",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", TIME, nullable=False),
        sa.Column("version", sa.String(length=32), nullable=False),
        sa.Column("after_id", sa.Uuid(), nullable=False),
        sa.Column("ended_at", TIME, nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("zone_rules_pkey")),
        sa.UniqueConstraint("version", name=op.f("zone_rules_version_key")),
    )


def _create_booking_shift() -> None:
    op.create_table(
        "booking_shift",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", TIME, nullable=False),
        sa.Column("booking_id", sa.Uuid(), nullable=False),
        sa.Column("vendor_id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.String(length=32), nullable=False),
        sa.Column("from_starts_at", TIME, nullable=False),
        sa.Column("starts_at", TIME, nullable=False),
        sa.Column(
            "outcome",
            sa.Enum(
                "MOVED",
                "COLLIDED",
                "SKIPPED",
                name="shiftoutcome",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("settled_at", TIME, nullable=True),
        sa.CheckConstraint(
            "from_starts_at <> starts_at", name=op.f("booking_shift_starts_at_check")
        ),
        sa.ForeignKeyConstraint(
            ["booking_id"],
            ["booking.id"],
            name=op.f("booking_shift_booking_id_fkey"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.ForeignKeyConstraint(
            ["vendor_id"],
            ["vendor.id"],
            name=op.f("booking_shift_vendor_id_fkey"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("booking_shift_pkey")),
        sa.UniqueConstraint(
            "booking_id", "version", name=op.f("booking_shift_booking_id_version_key")
        ),
    )
    op.create_index(
        "booking_shift_unsettled_idx",
        "booking_shift",
        ["vendor_id", "starts_at", "id"],
        postgresql_where=sa.text("outcome <> 'MOVED' AND settled_at IS NULL"),
    )


def downgrade() -> None:
    op.add_column("time_block", sa.Column("feed_uid", sa.String(length=300), nullable=True))
    op.alter_column("busy_feed", "problem", type_=sa.String(length=200))
    op.drop_column("busy_feed", "host")
    op.drop_column("booking", "coming_revision")
    op.drop_table("booking_shift")
    op.drop_table("zone_rules")
    op.drop_table("reminder_rule")
