"""Retries of refreshes: the newest rotation of each session, and how it can be repeated.

Sessions and refresh tokens of the previous release stay valid. Servers of that release still run
during the migration: they exchange tokens without a salt, and a second use of those ends the
session, as before.
"""

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None

COUNTERS = ("rotations", "confirmed")
HASHES = ("successor_salt", "rotated_by", "rotated_from")


def upgrade() -> None:
    for name in COUNTERS:
        column = sa.Column(name, sa.Integer(), server_default="0", nullable=False)
        op.add_column("user_session", column)
    for name in HASHES:
        op.add_column("user_session", sa.Column(name, sa.LargeBinary()))
    op.create_check_constraint(
        op.f("user_session_confirmed_check"),
        "user_session",
        "confirmed BETWEEN 0 AND rotations",
    )
    op.create_check_constraint(
        op.f("user_session_successor_salt_check"),
        "user_session",
        "octet_length(successor_salt) = 32",
    )
    op.add_column("refresh_token", sa.Column("shared_at", sa.DateTime(timezone=True)))


def downgrade() -> None:
    op.drop_column("refresh_token", "shared_at")
    for name in (*COUNTERS, *HASHES):
        op.drop_column("user_session", name)
