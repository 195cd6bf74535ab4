"""The pace of sale queues, their pauses, and the number of entries that were drawn."""

import sqlalchemy as sa
from alembic import op

revision = "0086"
down_revision = "0085"
branch_labels = None
depends_on = None

INDEX = "sale_queue_entry_active_idx"
CALLED = "seen_at IS NOT NULL AND state IN ('WAITING', 'ADMITTED')"


def upgrade() -> None:
    op.add_column("sale_queue", sa.Column("paused_at", sa.DateTime(timezone=True)))
    for column in (
        sa.Column("drawn_count", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("pace", sa.Integer(), server_default="1", nullable=False),
    ):
        op.add_column("sale_queue", column)
        op.alter_column("sale_queue", column.name, server_default=None)
    op.create_check_constraint(
        op.f("sale_queue_drawn_count_check"),
        "sale_queue",
        "drawn_count = 0 OR drawn_count BETWEEN 1 AND last_number",
    )
    op.create_check_constraint(
        op.f("sale_queue_pace_check"), "sale_queue", "pace BETWEEN 1 AND 100000"
    )
    op.drop_index(INDEX, table_name="sale_queue_entry")
    op.create_index(
        INDEX, "sale_queue_entry", ["queue_id", "seen_at"], postgresql_where=sa.text(CALLED)
    )


def downgrade() -> None:
    op.drop_index(INDEX, table_name="sale_queue_entry")
    op.create_index(
        INDEX,
        "sale_queue_entry",
        ["queue_id", "seen_at"],
        postgresql_where=sa.text("state = 'ADMITTED'"),
    )
    for name in ("sale_queue_pace_check", "sale_queue_drawn_count_check"):
        op.drop_constraint(op.f(name), "sale_queue", type_="check")
    for column in ("pace", "drawn_count", "paused_at"):
        op.drop_column("sale_queue", column)
