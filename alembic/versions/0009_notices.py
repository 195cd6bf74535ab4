"""Notices are counted, and so unread by nobody. Those that are there stay counted as messages."""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

UP_TO = {"conversation": "last_sequence", "message": "sequence", "participant": "read"}


def upgrade() -> None:
    for table, last in UP_TO.items():
        op.add_column(table, sa.Column("notices", sa.Integer(), server_default="0", nullable=False))
        op.drop_constraint(op.f(f"{table}_user_messages_check"), table, type_="check")
        op.create_check_constraint(
            op.f(f"{table}_tally_check"),
            table,
            f"least(user_messages, notices) >= 0 AND user_messages + notices <= {last}",
        )


def downgrade() -> None:
    for table, last in UP_TO.items():
        op.drop_constraint(op.f(f"{table}_tally_check"), table, type_="check")
        op.create_check_constraint(
            op.f(f"{table}_user_messages_check"), table, f"user_messages BETWEEN 0 AND {last}"
        )
        op.drop_column(table, "notices")
