"""Bookings: services, resources with schedules, claims, classes, waits and calendar feeds."""

from typing import Any

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0092"
down_revision = "0091"
branch_labels = None
depends_on = None

TIME = sa.DateTime(timezone=True)
JSON = postgresql.JSONB()
ENUM: dict[str, Any] = {"native_enum": False, "create_constraint": True, "length": 40}
DEFERRED: dict[str, Any] = {"initially": "DEFERRED", "deferrable": True}
LINE = (
    "[\\u0001-\\u001f\\u007f-\\u009f\\u200b\\u200e\\u200f\\u2028-\\u202e\\u2066-\\u2069"
    "\\ufeff\\u2800\\u3164]"
)


def line(column: str) -> str:
    """Return the condition of one clean line."""
    return f"{column} !~ '{LINE}' AND {column} = btrim({column}) AND {column} <> ''"


def upgrade() -> None:
    _create_cancellation_policy()
    _create_closure()
    _create_resource()
    _create_busy_feed()
    _create_calendar_feed()
    _create_day_override()
    _create_schedule()
    _create_service()
    _create_booking_series()
    _create_booking_wait()
    _create_class_meeting()
    _create_service_need()
    _create_service_resource()
    _create_time_block()
    _create_booking()
    _create_booking_move()
    _create_booking_resource()
    _create_claim()


def _create_cancellation_policy() -> None:
    op.create_table(
        "cancellation_policy",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", TIME, nullable=False),
        sa.Column("vendor_id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.String(length=80), nullable=False),
        sa.Column("tiers", JSON, nullable=False),
        sa.Column("reschedules", sa.Integer(), nullable=False),
        sa.Column("reschedule_minutes", sa.Integer(), nullable=False),
        sa.Column("no_show_bps", sa.Integer(), nullable=False),
        sa.CheckConstraint(line("name"), name=op.f("cancellation_policy_name_line_check")),
        sa.CheckConstraint(
            "jsonb_array_length(tiers) <= 6", name=op.f("cancellation_policy_tiers_check")
        ),
        sa.CheckConstraint(
            "no_show_bps BETWEEN 0 AND 10000", name=op.f("cancellation_policy_no_show_bps_check")
        ),
        sa.CheckConstraint(
            "reschedule_minutes BETWEEN 0 AND 86400",
            name=op.f("cancellation_policy_reschedule_minutes_check"),
        ),
        sa.CheckConstraint(
            "reschedules BETWEEN 0 AND 20", name=op.f("cancellation_policy_reschedules_check")
        ),
        sa.ForeignKeyConstraint(
            ["vendor_id"],
            ["vendor.id"],
            name=op.f("cancellation_policy_vendor_id_fkey"),
            **DEFERRED,
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("cancellation_policy_pkey")),
        sa.UniqueConstraint("id", "vendor_id", name=op.f("cancellation_policy_id_vendor_id_key")),
        sa.UniqueConstraint(
            "vendor_id", "name", name=op.f("cancellation_policy_vendor_id_name_key")
        ),
    )


def _create_closure() -> None:
    op.create_table(
        "closure",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", TIME, nullable=False),
        sa.Column("vendor_id", sa.Uuid(), nullable=False),
        sa.Column("from_day", sa.Date(), nullable=False),
        sa.Column("until_day", sa.Date(), nullable=False),
        sa.Column("name", sa.String(length=80), nullable=False),
        sa.CheckConstraint(line("name"), name=op.f("closure_name_line_check")),
        sa.CheckConstraint(
            "until_day - from_day BETWEEN 0 AND 365", name=op.f("closure_days_check")
        ),
        sa.ForeignKeyConstraint(
            ["vendor_id"], ["vendor.id"], name=op.f("closure_vendor_id_fkey"), **DEFERRED
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("closure_pkey")),
    )
    op.create_index(
        "closure_vendor_id_idx", "closure", ["vendor_id", "until_day", "from_day"], unique=False
    )


def _create_resource() -> None:
    op.create_table(
        "resource",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", TIME, nullable=False),
        sa.Column("vendor_id", sa.Uuid(), nullable=False),
        sa.Column(
            "kind",
            sa.Enum("STAFF", "ROOM", "EQUIPMENT", name="resourcekind", **ENUM),
            nullable=False,
        ),
        sa.Column(
            "state", sa.Enum("ACTIVE", "RETIRED", name="resourcestate", **ENUM), nullable=False
        ),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=80), nullable=False),
        sa.Column("lanes", sa.Integer(), nullable=False),
        sa.Column("member_id", sa.Uuid(), nullable=True),
        sa.Column("time_zone", sa.String(length=64), nullable=False),
        sa.Column("weight", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "member_id IS NULL OR kind = 'STAFF'", name=op.f("resource_member_id_check")
        ),
        sa.CheckConstraint(line("name"), name=op.f("resource_name_line_check")),
        sa.CheckConstraint("lanes BETWEEN 1 AND 20", name=op.f("resource_lanes_check")),
        sa.CheckConstraint("position BETWEEN 0 AND 999", name=op.f("resource_position_check")),
        sa.CheckConstraint("weight BETWEEN 0 AND 1000", name=op.f("resource_weight_check")),
        sa.ForeignKeyConstraint(
            ["member_id"], ["user.id"], name=op.f("resource_member_id_fkey"), **DEFERRED
        ),
        sa.ForeignKeyConstraint(
            ["vendor_id"], ["vendor.id"], name=op.f("resource_vendor_id_fkey"), **DEFERRED
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("resource_pkey")),
        sa.UniqueConstraint("id", "vendor_id", name=op.f("resource_id_vendor_id_key")),
    )
    op.create_index("resource_member_id_idx", "resource", ["member_id"], unique=False)
    op.create_index(
        "resource_member_key",
        "resource",
        ["vendor_id", "member_id"],
        unique=True,
        postgresql_where=sa.text("member_id IS NOT NULL"),
    )
    op.create_index(
        "resource_vendor_id_idx", "resource", ["vendor_id", "position", "id"], unique=False
    )


def _create_busy_feed() -> None:
    op.create_table(
        "busy_feed",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", TIME, nullable=False),
        sa.Column("resource_id", sa.Uuid(), nullable=False),
        sa.Column("added_by_id", sa.Uuid(), nullable=True),
        sa.Column("address", sa.LargeBinary(), nullable=False),
        sa.Column("etag", sa.String(length=200), nullable=True),
        sa.Column("next_at", TIME, nullable=False),
        sa.Column("read_at", TIME, nullable=True),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("problem", sa.String(length=200), nullable=True),
        sa.Column("removed_at", TIME, nullable=True),
        sa.CheckConstraint("char_length(problem) <= 200", name=op.f("busy_feed_problem_check")),
        sa.CheckConstraint("failures >= 0", name=op.f("busy_feed_failures_check")),
        sa.ForeignKeyConstraint(
            ["added_by_id"], ["user.id"], name=op.f("busy_feed_added_by_id_fkey"), **DEFERRED
        ),
        sa.ForeignKeyConstraint(
            ["resource_id"], ["resource.id"], name=op.f("busy_feed_resource_id_fkey"), **DEFERRED
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("busy_feed_pkey")),
    )
    op.create_index(op.f("busy_feed_added_by_id_idx"), "busy_feed", ["added_by_id"], unique=False)
    op.create_index(
        "busy_feed_due_idx",
        "busy_feed",
        ["next_at"],
        unique=False,
        postgresql_where=sa.text("removed_at IS NULL"),
    )
    op.create_index("busy_feed_resource_id_idx", "busy_feed", ["resource_id"], unique=False)


def _create_calendar_feed() -> None:
    op.create_table(
        "calendar_feed",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", TIME, nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column(
            "scope", sa.Enum("MINE", "RESOURCE", "VENDOR", name="feedscope", **ENUM), nullable=False
        ),
        sa.Column("vendor_id", sa.Uuid(), nullable=True),
        sa.Column("resource_id", sa.Uuid(), nullable=True),
        sa.Column("secret_hash", sa.LargeBinary(), nullable=False),
        sa.Column("read_at", TIME, nullable=True),
        sa.Column("revoked_at", TIME, nullable=True),
        sa.CheckConstraint(
            "CASE scope WHEN 'MINE' THEN num_nonnulls(vendor_id, resource_id) = 0"
            " WHEN 'VENDOR' THEN vendor_id IS NOT NULL AND resource_id IS NULL"
            " ELSE vendor_id IS NOT NULL AND resource_id IS NOT NULL END",
            name=op.f("calendar_feed_scope_of_check"),
        ),
        sa.CheckConstraint(
            "octet_length(secret_hash) = 32", name=op.f("calendar_feed_secret_hash_check")
        ),
        sa.ForeignKeyConstraint(
            ["resource_id"],
            ["resource.id"],
            name=op.f("calendar_feed_resource_id_fkey"),
            **DEFERRED,
        ),
        sa.ForeignKeyConstraint(
            ["user_id"], ["user.id"], name=op.f("calendar_feed_user_id_fkey"), **DEFERRED
        ),
        sa.ForeignKeyConstraint(
            ["vendor_id"], ["vendor.id"], name=op.f("calendar_feed_vendor_id_fkey"), **DEFERRED
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("calendar_feed_pkey")),
        sa.UniqueConstraint("secret_hash", name=op.f("calendar_feed_secret_hash_key")),
    )
    op.create_index(
        op.f("calendar_feed_resource_id_idx"), "calendar_feed", ["resource_id"], unique=False
    )
    op.create_index(
        "calendar_feed_user_id_idx", "calendar_feed", ["user_id", "created_at", "id"], unique=False
    )
    op.create_index(
        op.f("calendar_feed_vendor_id_idx"), "calendar_feed", ["vendor_id"], unique=False
    )


def _create_day_override() -> None:
    op.create_table(
        "day_override",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", TIME, nullable=False),
        sa.Column("resource_id", sa.Uuid(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("spans", JSON, nullable=False),
        sa.CheckConstraint("jsonb_array_length(spans) <= 6", name=op.f("day_override_spans_check")),
        sa.ForeignKeyConstraint(
            ["resource_id"], ["resource.id"], name=op.f("day_override_resource_id_fkey"), **DEFERRED
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("day_override_pkey")),
        sa.UniqueConstraint("resource_id", "day", name=op.f("day_override_resource_id_day_key")),
    )


def _create_schedule() -> None:
    op.create_table(
        "schedule",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", TIME, nullable=False),
        sa.Column("resource_id", sa.Uuid(), nullable=False),
        sa.Column("from_day", sa.Date(), nullable=False),
        sa.Column("until_day", sa.Date(), nullable=True),
        sa.Column("spans", JSON, nullable=False),
        postgresql.ExcludeConstraint(
            (sa.column("resource_id"), "="),
            (sa.text("daterange(from_day, until_day, '[]')"), "&&"),
            using="gist",
            name="schedule_days_excl",
        ),
        sa.CheckConstraint("from_day <= until_day", name=op.f("schedule_days_check")),
        sa.CheckConstraint("jsonb_array_length(spans) <= 42", name=op.f("schedule_spans_check")),
        sa.ForeignKeyConstraint(
            ["resource_id"], ["resource.id"], name=op.f("schedule_resource_id_fkey"), **DEFERRED
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("schedule_pkey")),
    )


def _create_service() -> None:
    op.create_table(
        "service",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", TIME, nullable=False),
        sa.Column("vendor_id", sa.Uuid(), nullable=False),
        sa.Column(
            "state",
            sa.Enum("DRAFT", "ACTIVE", "PAUSED", "ARCHIVED", name="servicestate", **ENUM),
            nullable=False,
        ),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("locale", sa.String(length=16), nullable=False),
        sa.Column("name", JSON, nullable=False),
        sa.Column("description", JSON, nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("duration", sa.Integer(), nullable=False),
        sa.Column("buffer_before", sa.Integer(), nullable=False),
        sa.Column("buffer_after", sa.Integer(), nullable=False),
        sa.Column("step", sa.Integer(), nullable=False),
        sa.Column("anchor", sa.Enum("OPENING", "CLOCK", name="slotanchor", **ENUM), nullable=False),
        sa.Column("notice", sa.Integer(), nullable=False),
        sa.Column("horizon", sa.Integer(), nullable=False),
        sa.Column("seats", sa.Integer(), nullable=False),
        sa.Column(
            "staff_choice",
            sa.Enum("ANY", "ASK", "HIDDEN", name="staffchoice", **ENUM),
            nullable=False,
        ),
        sa.Column("needs_approval", sa.Boolean(), nullable=False),
        sa.Column("needs_pet", sa.Boolean(), nullable=False),
        sa.Column(
            "species", postgresql.ARRAY(sa.String(length=40)), server_default="{}", nullable=False
        ),
        sa.Column("per_user_open", sa.Integer(), nullable=False),
        sa.Column("per_day", sa.Integer(), nullable=True),
        sa.Column("price", sa.BigInteger(), nullable=False),
        sa.Column("deposit", sa.BigInteger(), nullable=False),
        sa.Column("pay_at_desk", sa.Boolean(), nullable=False),
        sa.Column("policy_id", sa.Uuid(), nullable=True),
        sa.Column(
            "tax_class",
            sa.Enum(
                "STANDARD",
                "REDUCED",
                "LOW",
                "ZERO",
                "EXEMPT",
                name="taxclass",
                native_enum=False,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("hsn_code", sa.String(length=8), nullable=True),
        sa.Column("search_text", sa.String(), nullable=False),
        sa.CheckConstraint("hsn_code ~ '^[0-9]{4,8}$'", name=op.f("service_hsn_code_check")),
        sa.CheckConstraint(
            "buffer_after BETWEEN 0 AND 120", name=op.f("service_buffer_after_check")
        ),
        sa.CheckConstraint(
            "buffer_before BETWEEN 0 AND 120", name=op.f("service_buffer_before_check")
        ),
        sa.CheckConstraint(
            "cardinality(species) <= 20 AND (needs_pet OR cardinality(species) = 0)",
            name=op.f("service_species_check"),
        ),
        sa.CheckConstraint("deposit BETWEEN 0 AND price", name=op.f("service_deposit_check")),
        sa.CheckConstraint("duration BETWEEN 5 AND 720", name=op.f("service_duration_check")),
        sa.CheckConstraint("horizon BETWEEN 1 AND 365", name=op.f("service_horizon_check")),
        sa.CheckConstraint("notice BETWEEN 0 AND 43200", name=op.f("service_notice_check")),
        sa.CheckConstraint("per_day BETWEEN 1 AND 500", name=op.f("service_per_day_check")),
        sa.CheckConstraint(
            "per_user_open BETWEEN 1 AND 10", name=op.f("service_per_user_open_check")
        ),
        sa.CheckConstraint("position BETWEEN 0 AND 999", name=op.f("service_position_check")),
        sa.CheckConstraint("price BETWEEN 0 AND 1000000000000", name=op.f("service_price_check")),
        sa.CheckConstraint("seats BETWEEN 1 AND 200", name=op.f("service_seats_check")),
        sa.CheckConstraint("step BETWEEN 5 AND 240", name=op.f("service_step_check")),
        sa.ForeignKeyConstraint(
            ["policy_id", "vendor_id"],
            ["cancellation_policy.id", "cancellation_policy.vendor_id"],
            name=op.f("service_policy_id_fkey"),
            **DEFERRED,
        ),
        sa.ForeignKeyConstraint(
            ["vendor_id", "currency"],
            ["vendor.id", "vendor.currency"],
            name=op.f("service_vendor_id_fkey"),
            **DEFERRED,
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("service_pkey")),
        sa.UniqueConstraint("id", "vendor_id", name=op.f("service_id_vendor_id_key")),
    )
    op.create_index("service_policy_id_idx", "service", ["policy_id"], unique=False)
    op.create_index(
        "service_terms_idx",
        "service",
        [sa.literal_column("array_to_tsvector(string_to_array(search_text, ' '))")],
        unique=False,
        postgresql_using="gin",
    )
    op.create_index(
        "service_vendor_id_idx", "service", ["vendor_id", "position", "id"], unique=False
    )


def _create_booking_series() -> None:
    op.create_table(
        "booking_series",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", TIME, nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("vendor_id", sa.Uuid(), nullable=False),
        sa.Column("service_id", sa.Uuid(), nullable=False),
        sa.Column("rule", JSON, nullable=False),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.Column(
            "on_conflict",
            sa.Enum("REFUSE", "SKIP", "NEAREST", name="onconflict", **ENUM),
            nullable=False,
        ),
        sa.CheckConstraint("count BETWEEN 2 AND 52", name=op.f("booking_series_count_check")),
        sa.ForeignKeyConstraint(
            ["service_id", "vendor_id"],
            ["service.id", "service.vendor_id"],
            name=op.f("booking_series_service_id_fkey"),
            **DEFERRED,
        ),
        sa.ForeignKeyConstraint(
            ["user_id"], ["user.id"], name=op.f("booking_series_user_id_fkey"), **DEFERRED
        ),
        sa.ForeignKeyConstraint(
            ["vendor_id"], ["vendor.id"], name=op.f("booking_series_vendor_id_fkey"), **DEFERRED
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("booking_series_pkey")),
    )
    op.create_index(
        "booking_series_user_id_idx", "booking_series", ["user_id", "created_at"], unique=False
    )
    op.create_index(
        op.f("booking_series_vendor_id_idx"), "booking_series", ["vendor_id"], unique=False
    )


def _create_booking_wait() -> None:
    op.create_table(
        "booking_wait",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", TIME, nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("vendor_id", sa.Uuid(), nullable=False),
        sa.Column("service_id", sa.Uuid(), nullable=False),
        sa.Column("staff_id", sa.Uuid(), nullable=True),
        sa.Column("pet_id", sa.Uuid(), nullable=True),
        sa.Column("from_day", sa.Date(), nullable=False),
        sa.Column("until_day", sa.Date(), nullable=False),
        sa.Column("weekdays", sa.Integer(), nullable=False),
        sa.Column("day_from", sa.Integer(), nullable=False),
        sa.Column("day_until", sa.Integer(), nullable=False),
        sa.Column(
            "state",
            sa.Enum(
                "WAITING", "HOLDING", "BOOKED", "LEFT", "LAPSED", name="bookingwaitstate", **ENUM
            ),
            nullable=False,
        ),
        sa.Column("lapses", sa.Integer(), nullable=False),
        sa.Column("ended_at", TIME, nullable=True),
        sa.CheckConstraint(
            "(state IN ('WAITING', 'HOLDING')) = (ended_at IS NULL)",
            name=op.f("booking_wait_ended_at_check"),
        ),
        sa.CheckConstraint(
            "0 <= day_from AND day_from < day_until AND day_until <= 1440",
            name=op.f("booking_wait_minutes_check"),
        ),
        sa.CheckConstraint("lapses >= 0", name=op.f("booking_wait_lapses_check")),
        sa.CheckConstraint(
            "until_day - from_day BETWEEN 0 AND 180", name=op.f("booking_wait_days_check")
        ),
        sa.CheckConstraint("weekdays BETWEEN 1 AND 127", name=op.f("booking_wait_weekdays_check")),
        sa.ForeignKeyConstraint(
            ["service_id", "vendor_id"],
            ["service.id", "service.vendor_id"],
            name=op.f("booking_wait_service_id_fkey"),
            **DEFERRED,
        ),
        sa.ForeignKeyConstraint(
            ["staff_id"], ["resource.id"], name=op.f("booking_wait_staff_id_fkey"), **DEFERRED
        ),
        sa.ForeignKeyConstraint(
            ["user_id"], ["user.id"], name=op.f("booking_wait_user_id_fkey"), **DEFERRED
        ),
        sa.ForeignKeyConstraint(
            ["vendor_id"], ["vendor.id"], name=op.f("booking_wait_vendor_id_fkey"), **DEFERRED
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("booking_wait_pkey")),
    )
    op.create_index(
        "booking_wait_live_key",
        "booking_wait",
        ["user_id", "service_id"],
        unique=True,
        postgresql_where=sa.text("state IN ('WAITING', 'HOLDING')"),
    )
    op.create_index(op.f("booking_wait_staff_id_idx"), "booking_wait", ["staff_id"], unique=False)
    op.create_index(
        "booking_wait_user_id_idx", "booking_wait", ["user_id", "created_at", "id"], unique=False
    )
    op.create_index(
        "booking_wait_vendor_id_idx",
        "booking_wait",
        ["vendor_id", "created_at", "id"],
        unique=False,
    )
    op.create_index(
        "booking_wait_waiting_idx",
        "booking_wait",
        ["service_id", "created_at", "id"],
        unique=False,
        postgresql_where=sa.text("state = 'WAITING'"),
    )


def _create_class_meeting() -> None:
    op.create_table(
        "class_meeting",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", TIME, nullable=False),
        sa.Column("service_id", sa.Uuid(), nullable=False),
        sa.Column("vendor_id", sa.Uuid(), nullable=False),
        sa.Column("staff_id", sa.Uuid(), nullable=True),
        sa.Column("room_id", sa.Uuid(), nullable=True),
        sa.Column("starts_at", TIME, nullable=False),
        sa.Column("ends_at", TIME, nullable=False),
        sa.Column("seats", sa.Integer(), nullable=False),
        sa.Column("taken", sa.Integer(), nullable=False),
        sa.Column(
            "state",
            sa.Enum("SCHEDULED", "ENDED", "CANCELLED", name="meetingstate", **ENUM),
            nullable=False,
        ),
        sa.CheckConstraint("seats BETWEEN 1 AND 200", name=op.f("class_meeting_seats_check")),
        sa.CheckConstraint("starts_at < ends_at", name=op.f("class_meeting_span_check")),
        sa.CheckConstraint("taken BETWEEN 0 AND seats", name=op.f("class_meeting_taken_check")),
        sa.ForeignKeyConstraint(
            ["room_id"], ["resource.id"], name=op.f("class_meeting_room_id_fkey"), **DEFERRED
        ),
        sa.ForeignKeyConstraint(
            ["service_id", "vendor_id"],
            ["service.id", "service.vendor_id"],
            name=op.f("class_meeting_service_id_fkey"),
            **DEFERRED,
        ),
        sa.ForeignKeyConstraint(
            ["staff_id"], ["resource.id"], name=op.f("class_meeting_staff_id_fkey"), **DEFERRED
        ),
        sa.ForeignKeyConstraint(
            ["vendor_id"], ["vendor.id"], name=op.f("class_meeting_vendor_id_fkey"), **DEFERRED
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("class_meeting_pkey")),
    )
    op.create_index(op.f("class_meeting_room_id_idx"), "class_meeting", ["room_id"], unique=False)
    op.create_index(op.f("class_meeting_staff_id_idx"), "class_meeting", ["staff_id"], unique=False)
    op.create_index(
        "class_meeting_start_key",
        "class_meeting",
        ["service_id", "staff_id", "starts_at"],
        unique=True,
        postgresql_nulls_not_distinct=True,
        postgresql_where=sa.text("state <> 'CANCELLED'"),
    )
    op.create_index(
        "class_meeting_vendor_id_idx",
        "class_meeting",
        ["vendor_id", "starts_at", "id"],
        unique=False,
    )


def _create_service_need() -> None:
    op.create_table(
        "service_need",
        sa.Column("service_id", sa.Uuid(), nullable=False),
        sa.Column(
            "kind",
            sa.Enum("STAFF", "ROOM", "EQUIPMENT", name="resourcekind", **ENUM),
            nullable=False,
        ),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.CheckConstraint("count BETWEEN 1 AND 3", name=op.f("service_need_count_check")),
        sa.ForeignKeyConstraint(
            ["service_id"], ["service.id"], name=op.f("service_need_service_id_fkey"), **DEFERRED
        ),
        sa.PrimaryKeyConstraint("service_id", "kind", name=op.f("service_need_pkey")),
    )


def _create_service_resource() -> None:
    op.create_table(
        "service_resource",
        sa.Column("service_id", sa.Uuid(), nullable=False),
        sa.Column("resource_id", sa.Uuid(), nullable=False),
        sa.Column("duration", sa.Integer(), nullable=True),
        sa.Column("price", sa.BigInteger(), nullable=True),
        sa.CheckConstraint(
            "duration BETWEEN 5 AND 720", name=op.f("service_resource_duration_check")
        ),
        sa.CheckConstraint(
            "price BETWEEN 0 AND 1000000000000", name=op.f("service_resource_price_check")
        ),
        sa.ForeignKeyConstraint(
            ["resource_id"],
            ["resource.id"],
            name=op.f("service_resource_resource_id_fkey"),
            **DEFERRED,
        ),
        sa.ForeignKeyConstraint(
            ["service_id"],
            ["service.id"],
            name=op.f("service_resource_service_id_fkey"),
            **DEFERRED,
        ),
        sa.PrimaryKeyConstraint("service_id", "resource_id", name=op.f("service_resource_pkey")),
    )
    op.create_index(
        "service_resource_resource_id_idx", "service_resource", ["resource_id"], unique=False
    )


def _create_time_block() -> None:
    op.create_table(
        "time_block",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", TIME, nullable=False),
        sa.Column("resource_id", sa.Uuid(), nullable=False),
        sa.Column("created_by_id", sa.Uuid(), nullable=True),
        sa.Column(
            "source", sa.Enum("TIME_OFF", "BUSY_FEED", name="blocksource", **ENUM), nullable=False
        ),
        sa.Column("starts_at", TIME, nullable=False),
        sa.Column("ends_at", TIME, nullable=False),
        sa.Column("reason", sa.String(length=120), nullable=True),
        sa.Column("feed_id", sa.Uuid(), nullable=True),
        sa.Column("feed_uid", sa.String(length=300), nullable=True),
        sa.CheckConstraint(
            "(source = 'BUSY_FEED') = (feed_id IS NOT NULL)", name=op.f("time_block_feed_id_check")
        ),
        sa.CheckConstraint(line("reason"), name=op.f("time_block_reason_line_check")),
        sa.CheckConstraint(
            "starts_at < ends_at AND ends_at <= starts_at + interval '366 days'",
            name=op.f("time_block_span_check"),
        ),
        sa.ForeignKeyConstraint(
            ["created_by_id"], ["user.id"], name=op.f("time_block_created_by_id_fkey"), **DEFERRED
        ),
        sa.ForeignKeyConstraint(
            ["feed_id"], ["busy_feed.id"], name=op.f("time_block_feed_id_fkey"), **DEFERRED
        ),
        sa.ForeignKeyConstraint(
            ["resource_id"], ["resource.id"], name=op.f("time_block_resource_id_fkey"), **DEFERRED
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("time_block_pkey")),
    )
    op.create_index(
        op.f("time_block_created_by_id_idx"), "time_block", ["created_by_id"], unique=False
    )
    op.create_index("time_block_feed_id_idx", "time_block", ["feed_id"], unique=False)
    op.create_index(
        "time_block_resource_id_idx",
        "time_block",
        ["resource_id", "ends_at", "starts_at"],
        unique=False,
    )


def _create_booking() -> None:
    op.create_table(
        "booking",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", TIME, nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=True),
        sa.Column("vendor_id", sa.Uuid(), nullable=False),
        sa.Column("service_id", sa.Uuid(), nullable=False),
        sa.Column("staff_id", sa.Uuid(), nullable=True),
        sa.Column("meeting_id", sa.Uuid(), nullable=True),
        sa.Column("pet_id", sa.Uuid(), nullable=True),
        sa.Column("series_id", sa.Uuid(), nullable=True),
        sa.Column("number", sa.SmallInteger(), nullable=True),
        sa.Column("wait_id", sa.Uuid(), nullable=True),
        sa.Column("order_line_id", sa.Uuid(), nullable=True),
        sa.Column("starts_at", TIME, nullable=False),
        sa.Column("ends_at", TIME, nullable=False),
        sa.Column("local_start", sa.DateTime(), nullable=False),
        sa.Column("fold", sa.Integer(), nullable=False),
        sa.Column("time_zone", sa.String(length=64), nullable=False),
        sa.Column(
            "state",
            sa.Enum(
                "HELD",
                "REQUESTED",
                "PENDING_PAYMENT",
                "CONFIRMED",
                "COMPLETED",
                "CANCELLED",
                "NO_SHOW",
                "DECLINED",
                "EXPIRED",
                name="bookingstate",
                **ENUM,
            ),
            nullable=False,
        ),
        sa.Column(
            "source",
            sa.Enum("ONLINE", "DESK", "WAITLIST", name="bookingsource", **ENUM),
            nullable=False,
        ),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("expires_at", TIME, nullable=True),
        sa.Column("hard_until", TIME, nullable=True),
        sa.Column("confirmed_at", TIME, nullable=True),
        sa.Column("arrived_at", TIME, nullable=True),
        sa.Column("ended_at", TIME, nullable=True),
        sa.Column(
            "cancelled_by", sa.Enum("CUSTOMER", "VENDOR", name="cancelledby", **ENUM), nullable=True
        ),
        sa.Column("reason", sa.String(length=500), nullable=True),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("price", sa.BigInteger(), nullable=False),
        sa.Column("due_online", sa.BigInteger(), nullable=False),
        sa.Column("refund_tiers", JSON, nullable=False),
        sa.Column("no_show_bps", sa.Integer(), nullable=False),
        sa.Column("moves_left", sa.Integer(), nullable=False),
        sa.Column("move_minutes", sa.Integer(), nullable=False),
        sa.Column("note", sa.String(length=1000), nullable=True),
        sa.Column("guest_name", sa.LargeBinary(), nullable=True),
        sa.Column("guest_email", sa.LargeBinary(), nullable=True),
        sa.Column("guest_phone", sa.LargeBinary(), nullable=True),
        sa.CheckConstraint(
            "(state = 'CANCELLED') = (cancelled_by IS NOT NULL)",
            name=op.f("booking_cancelled_by_check"),
        ),
        sa.CheckConstraint(
            "starts_at < ends_at AND ends_at <= starts_at + interval '24 hours'",
            name=op.f("booking_span_check"),
        ),
        sa.CheckConstraint(
            "state <> 'COMPLETED' AND state <> 'NO_SHOW' OR confirmed_at IS NOT NULL",
            name=op.f("booking_confirmed_at_check"),
        ),
        sa.CheckConstraint(
            "state <> 'PENDING_PAYMENT' OR order_line_id IS NOT NULL",
            name=op.f("booking_order_check"),
        ),
        sa.CheckConstraint(
            "state NOT IN ('HELD', 'REQUESTED') OR expires_at IS NOT NULL",
            name=op.f("booking_expires_at_check"),
        ),
        sa.CheckConstraint(
            "user_id IS NOT NULL OR source = 'DESK'", name=op.f("booking_user_id_check")
        ),
        sa.CheckConstraint(
            "(series_id IS NULL) = (number IS NULL)", name=op.f("booking_series_check")
        ),
        sa.CheckConstraint("char_length(note) BETWEEN 1 AND 1000", name=op.f("booking_note_check")),
        sa.CheckConstraint(
            "char_length(reason) BETWEEN 1 AND 500", name=op.f("booking_reason_check")
        ),
        sa.CheckConstraint("due_online BETWEEN 0 AND price", name=op.f("booking_due_online_check")),
        sa.CheckConstraint("expires_at <= hard_until", name=op.f("booking_hard_until_check")),
        sa.CheckConstraint("fold IN (0, 1)", name=op.f("booking_fold_check")),
        sa.CheckConstraint(
            "jsonb_array_length(refund_tiers) <= 6", name=op.f("booking_refund_tiers_check")
        ),
        sa.CheckConstraint("moves_left BETWEEN 0 AND 20", name=op.f("booking_moves_left_check")),
        sa.CheckConstraint(
            "no_show_bps BETWEEN 0 AND 10000", name=op.f("booking_no_show_bps_check")
        ),
        sa.CheckConstraint("number BETWEEN 0 AND 51", name=op.f("booking_number_check")),
        sa.CheckConstraint("price BETWEEN 0 AND 1000000000000", name=op.f("booking_price_check")),
        sa.CheckConstraint("revision >= 0", name=op.f("booking_revision_check")),
        sa.ForeignKeyConstraint(
            ["meeting_id"], ["class_meeting.id"], name=op.f("booking_meeting_id_fkey"), **DEFERRED
        ),
        sa.ForeignKeyConstraint(
            ["order_line_id"],
            ["order_line.id"],
            name=op.f("booking_order_line_id_fkey"),
            **DEFERRED,
        ),
        sa.ForeignKeyConstraint(
            ["series_id"], ["booking_series.id"], name=op.f("booking_series_id_fkey"), **DEFERRED
        ),
        sa.ForeignKeyConstraint(
            ["service_id", "vendor_id"],
            ["service.id", "service.vendor_id"],
            name=op.f("booking_service_id_fkey"),
            **DEFERRED,
        ),
        sa.ForeignKeyConstraint(
            ["staff_id"], ["resource.id"], name=op.f("booking_staff_id_fkey"), **DEFERRED
        ),
        sa.ForeignKeyConstraint(
            ["user_id"], ["user.id"], name=op.f("booking_user_id_fkey"), **DEFERRED
        ),
        sa.ForeignKeyConstraint(
            ["vendor_id"], ["vendor.id"], name=op.f("booking_vendor_id_fkey"), **DEFERRED
        ),
        sa.ForeignKeyConstraint(
            ["wait_id"], ["booking_wait.id"], name=op.f("booking_wait_id_fkey"), **DEFERRED
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("booking_pkey")),
        sa.UniqueConstraint("id", "vendor_id", name=op.f("booking_id_vendor_id_key")),
        sa.UniqueConstraint("series_id", "number", name=op.f("booking_series_id_number_key")),
    )
    op.create_index(
        "booking_expires_at_idx",
        "booking",
        ["expires_at"],
        unique=False,
        postgresql_where=sa.text("state IN ('HELD', 'REQUESTED', 'PENDING_PAYMENT', 'CONFIRMED')"),
    )
    op.create_index("booking_meeting_id_idx", "booking", ["meeting_id"], unique=False)
    op.create_index(
        "booking_meeting_user_key",
        "booking",
        ["meeting_id", "user_id"],
        unique=True,
        postgresql_where=sa.text("state IN ('HELD', 'REQUESTED', 'PENDING_PAYMENT', 'CONFIRMED')"),
    )
    op.create_index(
        "booking_open_idx",
        "booking",
        ["user_id", "service_id"],
        unique=False,
        postgresql_where=sa.text("state IN ('HELD', 'REQUESTED', 'PENDING_PAYMENT', 'CONFIRMED')"),
    )
    op.create_index("booking_order_line_id_idx", "booking", ["order_line_id"], unique=False)
    op.create_index("booking_service_id_idx", "booking", ["service_id", "starts_at"], unique=False)
    op.create_index("booking_staff_id_idx", "booking", ["staff_id", "starts_at"], unique=False)
    op.create_index("booking_user_id_idx", "booking", ["user_id", "starts_at", "id"], unique=False)
    op.create_index(
        "booking_vendor_id_idx", "booking", ["vendor_id", "starts_at", "id"], unique=False
    )
    op.create_index(op.f("booking_wait_id_idx"), "booking", ["wait_id"], unique=False)


def _create_booking_move() -> None:
    op.create_table(
        "booking_move",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", TIME, nullable=False),
        sa.Column("booking_id", sa.Uuid(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("moved_by_id", sa.Uuid(), nullable=True),
        sa.Column("by_vendor", sa.Boolean(), nullable=False),
        sa.Column("from_starts_at", TIME, nullable=False),
        sa.Column("from_staff_id", sa.Uuid(), nullable=True),
        sa.Column("starts_at", TIME, nullable=False),
        sa.Column("staff_id", sa.Uuid(), nullable=True),
        sa.CheckConstraint("revision >= 1", name=op.f("booking_move_revision_check")),
        sa.ForeignKeyConstraint(
            ["booking_id"], ["booking.id"], name=op.f("booking_move_booking_id_fkey"), **DEFERRED
        ),
        sa.ForeignKeyConstraint(
            ["from_staff_id"],
            ["resource.id"],
            name=op.f("booking_move_from_staff_id_fkey"),
            **DEFERRED,
        ),
        sa.ForeignKeyConstraint(
            ["moved_by_id"], ["user.id"], name=op.f("booking_move_moved_by_id_fkey"), **DEFERRED
        ),
        sa.ForeignKeyConstraint(
            ["staff_id"], ["resource.id"], name=op.f("booking_move_staff_id_fkey"), **DEFERRED
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("booking_move_pkey")),
        sa.UniqueConstraint(
            "booking_id", "revision", name=op.f("booking_move_booking_id_revision_key")
        ),
    )
    op.create_index(
        op.f("booking_move_from_staff_id_idx"), "booking_move", ["from_staff_id"], unique=False
    )
    op.create_index(
        op.f("booking_move_moved_by_id_idx"), "booking_move", ["moved_by_id"], unique=False
    )
    op.create_index(op.f("booking_move_staff_id_idx"), "booking_move", ["staff_id"], unique=False)


def _create_booking_resource() -> None:
    op.create_table(
        "booking_resource",
        sa.Column("booking_id", sa.Uuid(), nullable=False),
        sa.Column("resource_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["booking_id"],
            ["booking.id"],
            name=op.f("booking_resource_booking_id_fkey"),
            **DEFERRED,
        ),
        sa.ForeignKeyConstraint(
            ["resource_id"],
            ["resource.id"],
            name=op.f("booking_resource_resource_id_fkey"),
            **DEFERRED,
        ),
        sa.PrimaryKeyConstraint("booking_id", "resource_id", name=op.f("booking_resource_pkey")),
    )
    op.create_index(
        "booking_resource_resource_id_idx", "booking_resource", ["resource_id"], unique=False
    )


def _create_claim() -> None:
    op.create_table(
        "claim",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", TIME, nullable=False),
        sa.Column("resource_id", sa.Uuid(), nullable=False),
        sa.Column("lane", sa.SmallInteger(), nullable=False),
        sa.Column("booking_id", sa.Uuid(), nullable=True),
        sa.Column("meeting_id", sa.Uuid(), nullable=True),
        sa.Column("block_id", sa.Uuid(), nullable=True),
        sa.Column("blocked_from", TIME, nullable=False),
        sa.Column("blocked_until", TIME, nullable=False),
        sa.Column("expires_at", TIME, nullable=True),
        sa.Column(
            "during",
            postgresql.TSTZRANGE(),
            sa.Computed("tstzrange(blocked_from, blocked_until, '[)')", persisted=True),
            nullable=True,
        ),
        postgresql.ExcludeConstraint(
            (sa.column("resource_id"), "="),
            (sa.column("lane"), "="),
            (sa.column("during"), "&&"),
            using="gist",
            name="claim_during_excl",
        ),
        sa.CheckConstraint(
            "blocked_from < blocked_until AND blocked_until <= blocked_from + interval '24 hours'",
            name=op.f("claim_span_check"),
        ),
        sa.CheckConstraint(
            "date_trunc('minute', blocked_from, 'UTC') = blocked_from"
            " AND date_trunc('minute', blocked_until, 'UTC') = blocked_until",
            name=op.f("claim_minutes_check"),
        ),
        sa.CheckConstraint(
            "expires_at IS NULL OR booking_id IS NOT NULL", name=op.f("claim_expires_at_check")
        ),
        sa.CheckConstraint("lane BETWEEN 0 AND 19", name=op.f("claim_lane_check")),
        sa.CheckConstraint(
            "num_nonnulls(booking_id, meeting_id, block_id) = 1", name=op.f("claim_owner_check")
        ),
        sa.ForeignKeyConstraint(
            ["block_id"], ["time_block.id"], name=op.f("claim_block_id_fkey"), **DEFERRED
        ),
        sa.ForeignKeyConstraint(
            ["booking_id"], ["booking.id"], name=op.f("claim_booking_id_fkey"), **DEFERRED
        ),
        sa.ForeignKeyConstraint(
            ["meeting_id"], ["class_meeting.id"], name=op.f("claim_meeting_id_fkey"), **DEFERRED
        ),
        sa.ForeignKeyConstraint(
            ["resource_id"], ["resource.id"], name=op.f("claim_resource_id_fkey"), **DEFERRED
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("claim_pkey")),
    )
    op.create_index("claim_block_id_idx", "claim", ["block_id"], unique=False)
    op.create_index("claim_booking_id_idx", "claim", ["booking_id"], unique=False)
    op.create_index(
        "claim_expires_at_idx",
        "claim",
        ["expires_at"],
        unique=False,
        postgresql_where=sa.text("expires_at IS NOT NULL"),
    )
    op.create_index("claim_meeting_id_idx", "claim", ["meeting_id"], unique=False)
    op.create_index(
        "claim_resource_id_idx",
        "claim",
        ["resource_id", "blocked_from"],
        unique=False,
        postgresql_include=["blocked_until", "lane", "expires_at"],
    )


def downgrade() -> None:
    for table in (
        "claim",
        "booking_resource",
        "booking_move",
        "booking",
        "time_block",
        "service_resource",
        "service_need",
        "class_meeting",
        "booking_wait",
        "booking_series",
        "service",
        "schedule",
        "day_override",
        "calendar_feed",
        "busy_feed",
        "resource",
        "closure",
        "cancellation_policy",
    ):
        op.drop_table(table)
