"""Pets with their records, and the questions, answers and files of bookings."""

from typing import Any

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0096"
down_revision = "0095"
branch_labels = None
depends_on = None

TIME = sa.DateTime(timezone=True)
JSON = postgresql.JSONB()
DEFERRED: dict[str, Any] = {"initially": "DEFERRED", "deferrable": True}
LINE = (
    "[\\u0001-\\u001f\\u007f-\\u009f\\u200b\\u200e\\u200f\\u2028-\\u202e\\u2066-\\u2069"
    "\\ufeff\\u2800\\u3164]"
)
FIRST_DAY = "'1900-01-01'"


def line(column: str) -> str:
    """Return the condition of one clean line."""
    return f"{column} !~ '{LINE}' AND {column} = btrim({column}) AND {column} <> ''"


def upgrade() -> None:
    _create_pet()
    _create_pet_photo()
    _create_vaccination()
    _create_pet_consent()
    _create_pet_note()
    _create_service_question()
    _create_booking_answer()
    _create_booking_file()
    for table in ("booking", "booking_wait"):
        op.create_index(op.f(f"{table}_pet_id_idx"), table, ["pet_id"])
        op.create_foreign_key(
            op.f(f"{table}_pet_id_fkey"), table, "pet", ["pet_id"], ["id"], **DEFERRED
        )


def _create_pet() -> None:
    op.create_table(
        "pet",
        *_row("pet", user_id="user"),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("species", sa.String(length=40), nullable=False),
        sa.Column("breed", sa.String(length=80), nullable=True),
        sa.Column("born_on", sa.Date(), nullable=True),
        sa.Column("weight_g", sa.Integer(), nullable=True),
        sa.Column("archived_at", TIME, nullable=True),
        sa.CheckConstraint(line("name"), name=op.f("pet_name_line_check")),
        sa.CheckConstraint(line("breed"), name=op.f("pet_breed_line_check")),
        sa.CheckConstraint("char_length(name) <= 80", name=op.f("pet_name_check")),
        sa.CheckConstraint("species ~ '^[a-z0-9]+(-[a-z0-9]+)*$'", name=op.f("pet_species_check")),
        sa.CheckConstraint(f"born_on >= {FIRST_DAY}", name=op.f("pet_born_on_check")),
        sa.CheckConstraint("weight_g BETWEEN 1 AND 5000000", name=op.f("pet_weight_g_check")),
    )
    op.create_index("pet_user_id_idx", "pet", ["user_id", "created_at", "id"])


def _create_pet_photo() -> None:
    op.create_table(
        "pet_photo",
        *_row("pet_photo", pet_id="pet", upload_id="upload"),
        sa.UniqueConstraint("pet_id", name=op.f("pet_photo_pet_id_key")),
        sa.UniqueConstraint("upload_id", name=op.f("pet_photo_upload_id_key")),
    )


def _create_vaccination() -> None:
    op.create_table(
        "vaccination",
        *_row("vaccination", pet_id="pet"),
        sa.Column("name", sa.String(length=80), nullable=False),
        sa.Column("given_on", sa.Date(), nullable=True),
        sa.Column("due_on", sa.Date(), nullable=True),
        sa.Column("reminded_for", sa.Date(), nullable=True),
        sa.Column("reminders", sa.Integer(), nullable=False),
        sa.CheckConstraint(line("name"), name=op.f("vaccination_name_line_check")),
        sa.CheckConstraint(
            "num_nonnulls(given_on, due_on) > 0", name=op.f("vaccination_days_check")
        ),
        sa.CheckConstraint("due_on > given_on", name=op.f("vaccination_due_on_check")),
        sa.CheckConstraint(
            f"least(given_on, due_on) >= {FIRST_DAY}", name=op.f("vaccination_given_on_check")
        ),
        sa.CheckConstraint("reminders >= 0", name=op.f("vaccination_reminders_check")),
    )
    op.create_index("vaccination_pet_id_idx", "vaccination", ["pet_id", "created_at", "id"])
    op.create_index("vaccination_due_on_idx", "vaccination", ["due_on", "id"])


def _create_pet_consent() -> None:
    op.create_table(
        "pet_consent",
        *_row("pet_consent", pet_id="pet", vendor_id="vendor"),
        sa.UniqueConstraint("pet_id", "vendor_id", name=op.f("pet_consent_pet_id_vendor_id_key")),
    )
    op.create_index("pet_consent_vendor_id_idx", "pet_consent", ["vendor_id", "created_at", "id"])


def _create_pet_note() -> None:
    op.create_table(
        "pet_note",
        *_row("pet_note", pet_id="pet", vendor_id="vendor", author_id="user"),
        sa.Column("text", sa.String(length=4000), nullable=False),
        sa.CheckConstraint(
            "char_length(text) BETWEEN 1 AND 4000", name=op.f("pet_note_text_check")
        ),
    )
    op.create_index("pet_note_pet_id_idx", "pet_note", ["pet_id", "vendor_id", "created_at", "id"])
    op.create_index("pet_note_vendor_id_idx", "pet_note", ["vendor_id"])
    op.create_index(op.f("pet_note_author_id_idx"), "pet_note", ["author_id"])


def _create_service_question() -> None:
    kinds = ("TEXT", "NUMBER", "DATE", "YES_NO", "CHOICE", "CHOICES")
    kind = sa.Enum(
        *kinds, name="questionkind", native_enum=False, create_constraint=True, length=40
    )
    op.create_table(
        "service_question",
        *_row("service_question", service_id="service"),
        sa.Column("kind", kind, nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("locale", sa.String(length=16), nullable=False),
        sa.Column("prompt", JSON, nullable=False),
        sa.Column("choices", JSON, nullable=False),
        sa.Column("required", sa.Boolean(), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.CheckConstraint(
            "position BETWEEN 0 AND 99", name=op.f("service_question_position_check")
        ),
        sa.CheckConstraint(
            "jsonb_array_length(choices) <= 30"
            " AND (kind IN ('CHOICE', 'CHOICES')) = (jsonb_array_length(choices) > 0)",
            name=op.f("service_question_choices_check"),
        ),
    )
    op.create_index(
        "service_question_service_id_idx", "service_question", ["service_id", "position", "id"]
    )


def _create_booking_answer() -> None:
    op.create_table(
        "booking_answer",
        *_row("booking_answer", booking_id="booking", question_id="service_question"),
        sa.Column("answer", sa.LargeBinary(), nullable=False),
        sa.UniqueConstraint(
            "booking_id", "question_id", name=op.f("booking_answer_booking_id_question_id_key")
        ),
    )
    op.create_index(op.f("booking_answer_question_id_idx"), "booking_answer", ["question_id"])


def _create_booking_file() -> None:
    op.create_table(
        "booking_file",
        *_row("booking_file", booking_id="booking", upload_id="upload"),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.CheckConstraint("position BETWEEN 0 AND 9", name=op.f("booking_file_position_check")),
        sa.UniqueConstraint("booking_id", "position", name="booking_file_position_key"),
        sa.UniqueConstraint("upload_id", name=op.f("booking_file_upload_id_key")),
    )


def _row(table: str, **parents: str) -> list[Any]:
    """Return the columns of each row, and its foreign keys."""
    return [
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", TIME, nullable=False),
        *(sa.Column(column, sa.Uuid(), nullable=False) for column in parents),
        *(
            sa.ForeignKeyConstraint(
                [column], [f"{parent}.id"], name=op.f(f"{table}_{column}_fkey"), **DEFERRED
            )
            for column, parent in parents.items()
        ),
        sa.PrimaryKeyConstraint("id", name=op.f(f"{table}_pkey")),
    ]


def downgrade() -> None:
    for table in ("booking_wait", "booking"):
        op.drop_constraint(op.f(f"{table}_pet_id_fkey"), table, type_="foreignkey")
        op.drop_index(op.f(f"{table}_pet_id_idx"), table_name=table)
    for table in (
        "booking_file",
        "booking_answer",
        "service_question",
        "vaccination",
        "pet_photo",
        "pet_note",
        "pet_consent",
        "pet",
    ):
        op.drop_table(table)
