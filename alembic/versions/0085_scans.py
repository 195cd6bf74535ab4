"""Why scans are voided, and what has changed since a scanner's last bundle."""

import sqlalchemy as sa
from alembic import op

revision = "0085"
down_revision = "0082"
branch_labels = None
depends_on = None

LINE = (
    "[\\u0001-\\u001f\\u007f-\\u009f\\u200b\\u200e\\u200f\\u2028-\\u202e\\u2066-\\u2069"
    "\\ufeff\\u2800\\u3164]"
)
# Each writer of a ticket would have to set the column, and could forget it.
NOTE_CHANGE = """
CREATE FUNCTION note_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    NEW.changed_xid := pg_current_xact_id();
    RETURN NEW;
END $$
"""
CHANGED = {"ticket": "event_date_id", "ticket_presence": "list_id"}


class ChangeId(sa.types.UserDefinedType[str]):
    cache_ok = True

    def get_col_spec(self, **_: object) -> str:
        return "xid8"


def upgrade() -> None:
    op.add_column("scan", sa.Column("void_reason", sa.String(200), nullable=True))
    op.add_column(
        "scan", sa.Column("clock_wrong", sa.Boolean(), server_default="false", nullable=False)
    )
    op.alter_column("scan", "clock_wrong", server_default=None)
    op.drop_constraint(op.f("scan_voided_check"), "scan")
    op.create_check_constraint(
        op.f("scan_voided_check"),
        "scan",
        "num_nonnulls(voided_at, voided_by_id, void_reason) IN (0, 3)",
    )
    op.create_check_constraint(
        op.f("scan_void_reason_line_check"),
        "scan",
        f"void_reason !~ '{LINE}' AND void_reason = btrim(void_reason) AND void_reason <> ''",
    )
    op.execute(NOTE_CHANGE)
    for table, parent in CHANGED.items():
        op.add_column(
            table,
            sa.Column(
                "changed_xid",
                ChangeId(),
                server_default=sa.text("pg_current_xact_id()"),
                nullable=False,
            ),
        )
        op.create_index(f"{table}_changed_xid_idx", table, [parent, "changed_xid"])
        op.execute(
            f"CREATE TRIGGER {table}_note_change BEFORE INSERT OR UPDATE ON {table}"
            " FOR EACH ROW EXECUTE FUNCTION note_change()"
        )


def downgrade() -> None:
    for table in CHANGED:
        op.execute(f"DROP TRIGGER {table}_note_change ON {table}")
        op.drop_index(f"{table}_changed_xid_idx", table)
        op.drop_column(table, "changed_xid")
    op.execute("DROP FUNCTION note_change()")
    op.drop_constraint(op.f("scan_void_reason_line_check"), "scan")
    op.drop_constraint(op.f("scan_voided_check"), "scan")
    op.create_check_constraint(
        op.f("scan_voided_check"), "scan", "num_nonnulls(voided_at, voided_by_id) IN (0, 2)"
    )
    op.drop_column("scan", "clock_wrong")
    op.drop_column("scan", "void_reason")
