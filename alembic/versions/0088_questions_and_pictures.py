"""Events: answers for tickets without a hold, pictures, popularity and companion tickets."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0088"
down_revision = "0087"
branch_labels = None
depends_on = None

PLACE = "attendee_answer_place_check"
LISTED = sa.text("state = 'PUBLISHED' AND visibility = 'PUBLIC'")


def upgrade() -> None:
    op.alter_column("attendee_answer", "hold_id", existing_type=sa.UUID(), nullable=True)
    op.drop_constraint(op.f(PLACE), "attendee_answer")
    op.create_check_constraint(op.f(PLACE), "attendee_answer", "place BETWEEN 0 AND 9999")
    op.create_check_constraint(
        op.f("attendee_answer_of_check"),
        "attendee_answer",
        "num_nonnulls(hold_id, ticket_id) > 0",
    )
    op.add_column(
        "event", sa.Column("popularity", sa.Integer(), server_default="0", nullable=False)
    )
    op.create_check_constraint(op.f("event_popularity_check"), "event", "popularity >= 0")
    op.create_index("event_popular_idx", "event", ["popularity", "id"], postgresql_where=LISTED)
    op.add_column("ticket_type", sa.Column("companion_of_id", sa.Uuid(), nullable=True))
    op.create_foreign_key(
        op.f("ticket_type_companion_of_id_fkey"),
        "ticket_type",
        "ticket_type",
        ["companion_of_id"],
        ["id"],
        initially="DEFERRED",
        deferrable=True,
    )
    op.create_index(op.f("ticket_type_companion_of_id_idx"), "ticket_type", ["companion_of_id"])
    op.create_check_constraint(
        op.f("ticket_type_companion_of_id_check"), "ticket_type", "companion_of_id <> id"
    )
    _create_pictures()


def _create_pictures() -> None:
    op.create_table(
        "event_picture",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("event_id", sa.Uuid(), nullable=False),
        sa.Column("upload_id", sa.Uuid(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("alt", postgresql.JSONB(none_as_null=True), nullable=False),
        sa.CheckConstraint("position BETWEEN 0 AND 19", name=op.f("event_picture_position_check")),
        *(
            sa.ForeignKeyConstraint(
                [f"{target}_id"],
                [f"{target}.id"],
                name=op.f(f"event_picture_{target}_id_fkey"),
                initially="DEFERRED",
                deferrable=True,
            )
            for target in ("event", "upload")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("event_picture_pkey")),
        *(
            sa.UniqueConstraint(
                "event_id",
                column,
                name=op.f(f"event_picture_event_id_{column}_key"),
                deferrable=True,
                initially="DEFERRED",
            )
            for column in ("position", "upload_id")
        ),
    )
    op.create_index(op.f("event_picture_upload_id_idx"), "event_picture", ["upload_id"])


def downgrade() -> None:
    op.drop_table("event_picture")
    op.drop_column("ticket_type", "companion_of_id")
    op.drop_index("event_popular_idx", table_name="event", postgresql_where=LISTED)
    op.drop_column("event", "popularity")
    op.drop_constraint(op.f("attendee_answer_of_check"), "attendee_answer")
    op.drop_constraint(op.f(PLACE), "attendee_answer")
    op.execute("DELETE FROM attendee_answer WHERE place > 99 OR hold_id IS NULL")
    op.create_check_constraint(op.f(PLACE), "attendee_answer", "place BETWEEN 0 AND 99")
    op.alter_column("attendee_answer", "hold_id", existing_type=sa.UUID(), nullable=False)
