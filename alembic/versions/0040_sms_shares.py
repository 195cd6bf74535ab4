"""The share of codes by phone that are entered, and pauses of countries."""

import sqlalchemy as sa
from alembic import op

revision = "0040"
down_revision = "0039"
branch_labels = None
depends_on = None

TIME = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "sms_count",
        sa.Column("country", sa.String(length=2), nullable=False),
        sa.Column("period", TIME, nullable=False),
        sa.Column("sent", sa.Integer(), nullable=False),
        sa.Column("confirmed", sa.Integer(), nullable=False),
        sa.CheckConstraint("country ~ '^[A-Z]{2}$'", name=op.f("sms_count_country_check")),
        sa.CheckConstraint("confirmed BETWEEN 0 AND sent", name=op.f("sms_count_confirmed_check")),
        sa.PrimaryKeyConstraint("country", "period", name=op.f("sms_count_pkey")),
    )
    op.create_index(op.f("sms_count_period_idx"), "sms_count", ["period"])
    op.create_table(
        "sms_pause",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", TIME, nullable=False),
        sa.Column("country", sa.String(length=2), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("sent", sa.Integer(), nullable=False),
        sa.Column("confirmed", sa.Integer(), nullable=False),
        sa.Column("until", TIME, nullable=False),
        sa.CheckConstraint("country ~ '^[A-Z]{2}$'", name=op.f("sms_pause_country_check")),
        sa.CheckConstraint("confirmed BETWEEN 0 AND sent", name=op.f("sms_pause_confirmed_check")),
        sa.CheckConstraint("until > created_at", name=op.f("sms_pause_until_check")),
        sa.CheckConstraint("number >= 1", name=op.f("sms_pause_number_check")),
        sa.PrimaryKeyConstraint("id", name=op.f("sms_pause_pkey")),
        sa.UniqueConstraint("number", name=op.f("sms_pause_number_key")),
    )
    op.create_index("sms_pause_country_idx", "sms_pause", ["country", "until"])


def downgrade() -> None:
    op.drop_table("sms_pause")
    op.drop_table("sms_count")
