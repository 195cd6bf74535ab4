"""The audit log."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

INDEXES = (
    ["created_at", "id"],
    ["actor_id", "created_at", "id"],
    ["subject_id", "created_at", "id"],
)

# Updates are never needed. Deletions are, after the retention time of services/audit/cleanup.py.
FUNCTION = """
CREATE FUNCTION audit_entry_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'DELETE' AND OLD.created_at < now() - interval '730 days' THEN
        RETURN OLD;
    END IF;
    RAISE EXCEPTION 'audit_entry is append-only' USING ERRCODE = 'insufficient_privilege';
END $$;
"""
TRIGGER = """
CREATE TRIGGER audit_entry_append_only BEFORE UPDATE OR DELETE ON audit_entry
    FOR EACH ROW EXECUTE FUNCTION audit_entry_append_only()
"""


def upgrade() -> None:
    op.create_table(
        "audit_entry",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("act", sa.String(length=20), nullable=False),
        _enum("outcome", "auditoutcome", "DONE", "REFUSED"),
        sa.Column("code", sa.String()),
        _enum("actor_kind", "actorkind", "USER", "API_TOKEN", "ANONYMOUS", "SYSTEM"),
        sa.Column("actor_id", sa.Uuid()),
        sa.Column("session_id", sa.Uuid()),
        sa.Column("subject_id", sa.Uuid()),
        sa.Column("network", sa.String(), nullable=False),
        sa.Column("request_id", sa.String()),
        sa.Column("times", sa.BigInteger(), nullable=False),
        _check("times", "times BETWEEN 1 AND 1000000000"),
        _check("network", "char_length(network) <= 64"),
        _check("code", "char_length(code) <= 40"),
        _check("outcome_code", "(outcome = 'DONE') = (code IS NULL)"),
        sa.PrimaryKeyConstraint("id", name=op.f("audit_entry_pkey")),
    )
    for columns in INDEXES:
        op.create_index(op.f(f"audit_entry_{'_'.join(columns)}_idx"), "audit_entry", columns)
    op.execute(FUNCTION)
    op.execute(TRIGGER)


def _enum(column: str, name: str, *values: str) -> sa.Column:
    kind = sa.Enum(*values, name=name, native_enum=False, create_constraint=True, length=20)
    return sa.Column(column, kind, nullable=False)


def _check(name: str, condition: str) -> sa.CheckConstraint:
    return sa.CheckConstraint(condition, name=op.f(f"audit_entry_{name}_check"))


def downgrade() -> None:
    op.drop_table("audit_entry")
    op.execute("DROP FUNCTION audit_entry_append_only()")
