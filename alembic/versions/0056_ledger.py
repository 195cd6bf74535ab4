"""The ledger: accounts, entries, snapshots of balances, and adjustments."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.types import UserDefinedType

revision = "0056"
down_revision = "0055"
branch_labels = None
depends_on = None

DEFERRED = {"initially": "DEFERRED", "deferrable": True}
# What refuses a line that is forged or hidden, as of this revision.
LINE = r"[\u0001-\u001f\u007f-\u009f\u200b\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff\u2800\u3164]"


class Xid8(UserDefinedType[str]):
    def get_col_spec(self, **_: object) -> str:
        return "xid8"


def upgrade() -> None:
    op.create_table(
        "ledger_account",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("kind", sa.String(40), nullable=False),
        sa.Column("owner_id", sa.Uuid(), nullable=True),
        sa.Column("currency", sa.String(3), nullable=False),
        sa.Column("guarded", sa.Boolean(), nullable=False),
        sa.Column("balance", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("currency ~ '^[A-Z]{3}$'", name=op.f("ledger_account_currency_check")),
        sa.CheckConstraint(
            f"balance BETWEEN 0 AND {10**18} AND (guarded OR balance = 0)",
            name=op.f("ledger_account_balance_check"),
        ),
        sa.CheckConstraint(
            "kind NOT IN ('WALLET', 'WALLET_PROMO', 'WALLET_HELD')"
            " OR (guarded AND owner_id IS NOT NULL)",
            name=op.f("ledger_account_guarded_check"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("ledger_account_pkey")),
        sa.UniqueConstraint("id", "currency", name=op.f("ledger_account_id_currency_key")),
        sa.UniqueConstraint(
            "kind",
            "owner_id",
            "currency",
            name=op.f("ledger_account_kind_owner_id_currency_key"),
            postgresql_nulls_not_distinct=True,
        ),
    )
    op.create_index(op.f("ledger_account_owner_id_idx"), "ledger_account", ["owner_id"])
    op.create_table(
        "ledger_snapshot",
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("upto", Xid8(), nullable=False),
        sa.Column("balance", sa.BigInteger(), nullable=False),
        sa.CheckConstraint(
            f"balance BETWEEN -{10**18} AND {10**18}", name=op.f("ledger_snapshot_balance_check")
        ),
        sa.ForeignKeyConstraint(
            ["account_id"],
            ["ledger_account.id"],
            name=op.f("ledger_snapshot_account_id_fkey"),
            **DEFERRED,
        ),
        sa.PrimaryKeyConstraint("account_id", name=op.f("ledger_snapshot_pkey")),
    )
    _create_entries()
    _create_adjustments()


def _create_entries() -> None:
    op.create_table(
        "ledger_entry",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("posting", sa.String(100), nullable=False),
        sa.Column("leg", sa.Integer(), nullable=False),
        sa.Column("debit_id", sa.Uuid(), nullable=False),
        sa.Column("credit_id", sa.Uuid(), nullable=False),
        sa.Column("currency", sa.String(3), nullable=False),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.Column("source_id", sa.Uuid(), nullable=True),
        sa.Column("xid", Xid8(), server_default=sa.text("pg_current_xact_id()"), nullable=False),
        sa.CheckConstraint(
            "posting ~ '^[a-z_]{1,40}:[A-Za-z0-9_:-]{1,59}$'",
            name=op.f("ledger_entry_posting_check"),
        ),
        sa.CheckConstraint("leg BETWEEN 0 AND 9999", name=op.f("ledger_entry_leg_check")),
        sa.CheckConstraint(
            f"amount BETWEEN 1 AND {10**15}", name=op.f("ledger_entry_amount_check")
        ),
        sa.CheckConstraint("debit_id <> credit_id", name=op.f("ledger_entry_credit_id_check")),
        *(
            sa.ForeignKeyConstraint(
                [f"{side}_id", "currency"],
                ["ledger_account.id", "ledger_account.currency"],
                name=op.f(f"ledger_entry_{side}_id_fkey"),
                **DEFERRED,
            )
            for side in ("debit", "credit")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("ledger_entry_pkey")),
        sa.UniqueConstraint("posting", "leg", name=op.f("ledger_entry_posting_leg_key")),
    )
    op.create_index("ledger_entry_debit_id_idx", "ledger_entry", ["debit_id", "xid"])
    op.create_index("ledger_entry_credit_id_idx", "ledger_entry", ["credit_id", "xid"])
    op.create_index("ledger_entry_xid_idx", "ledger_entry", ["xid"])
    op.execute(
        "CREATE TRIGGER ledger_entry_append_only BEFORE UPDATE OR DELETE ON ledger_entry"
        " FOR EACH ROW EXECUTE FUNCTION refuse_truncate()"
    )
    op.execute(
        "CREATE TRIGGER ledger_entry_refuse_truncate BEFORE TRUNCATE ON ledger_entry"
        " FOR EACH STATEMENT EXECUTE FUNCTION refuse_truncate()"
    )


def _create_adjustments() -> None:
    op.create_table(
        "ledger_adjustment",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("debit", sa.String(40), nullable=False),
        sa.Column("credit", sa.String(40), nullable=False),
        sa.Column("owner_id", sa.Uuid(), nullable=False),
        sa.Column("currency", sa.String(3), nullable=False),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("state", sa.String(40), nullable=False),
        sa.Column("proposed_by", sa.Uuid(), nullable=False),
        sa.Column("decided_by", sa.Uuid(), nullable=True),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            f"reason !~ '{LINE}' AND reason = btrim(reason) AND reason <> ''",
            name=op.f("ledger_adjustment_reason_line_check"),
        ),
        sa.CheckConstraint(
            "char_length(reason) <= 200", name=op.f("ledger_adjustment_reason_length_check")
        ),
        sa.CheckConstraint(
            "currency ~ '^[A-Z]{3}$'", name=op.f("ledger_adjustment_currency_check")
        ),
        sa.CheckConstraint(
            f"amount BETWEEN 1 AND {10**15}", name=op.f("ledger_adjustment_amount_check")
        ),
        sa.CheckConstraint("debit <> credit", name=op.f("ledger_adjustment_credit_check")),
        sa.CheckConstraint(
            "(state = 'PENDING') = (decided_by IS NULL)",
            name=op.f("ledger_adjustment_decided_by_check"),
        ),
        sa.CheckConstraint(
            "(state = 'PENDING') = (decided_at IS NULL)",
            name=op.f("ledger_adjustment_decided_at_check"),
        ),
        sa.CheckConstraint(
            "state <> 'APPROVED' OR decided_by <> proposed_by",
            name=op.f("ledger_adjustment_two_persons_check"),
        ),
        sa.CheckConstraint(
            "state IN ('PENDING', 'APPROVED', 'REJECTED')",
            name=op.f("ledger_adjustment_adjustmentstate_check"),
        ),
        *(
            sa.ForeignKeyConstraint(
                [column], ["user.id"], name=op.f(f"ledger_adjustment_{column}_fkey"), **DEFERRED
            )
            for column in ("proposed_by", "decided_by")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("ledger_adjustment_pkey")),
    )
    for name, columns in {
        "ledger_adjustment_state_idx": ["state", "created_at", "id"],
        "ledger_adjustment_created_at_idx": ["created_at", "id"],
        "ledger_adjustment_owner_id_idx": ["owner_id", "created_at", "id"],
        "ledger_adjustment_proposed_by_idx": ["proposed_by"],
        "ledger_adjustment_decided_by_idx": ["decided_by"],
    }.items():
        op.create_index(name, "ledger_adjustment", columns)


def downgrade() -> None:
    op.drop_table("ledger_adjustment")
    op.drop_table("ledger_entry")
    op.drop_table("ledger_snapshot")
    op.drop_table("ledger_account")
