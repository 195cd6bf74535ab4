"""Payouts of vendors, their accounts, files for banks, releases, debts, and lines of providers."""

import sqlalchemy as sa
from alembic import op

revision = "0063"
down_revision = "0062"
branch_labels = None
depends_on = None

CONTROLS = (
    r"[\u0001-\u001f\u007f-\u009f\u200b\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff\u2800\u3164]"
)


def _one_line(column: str) -> str:
    return f"{column} !~ '{CONTROLS}' AND {column} = btrim({column}) AND {column} <> ''"


def upgrade() -> None:
    op.create_table(
        "payout_file",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column(
            "format",
            sa.Enum("NEFT_CSV", "SEPA_XML", name="payoutformat", native_enum=False, length=40),
            nullable=False,
        ),
        sa.Column(
            "state",
            sa.Enum(
                "MADE",
                "APPROVED",
                "CANCELLED",
                name="payoutfilestate",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.Column("total", sa.BigInteger(), nullable=False),
        sa.Column("made_by", sa.Uuid(), nullable=False),
        sa.Column("decided_by", sa.Uuid(), nullable=True),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "(state = 'MADE') = (decided_at IS NULL)", name=op.f("payout_file_decided_at_check")
        ),
        sa.CheckConstraint(
            "(state = 'MADE') = (decided_by IS NULL)", name=op.f("payout_file_decided_by_check")
        ),
        sa.CheckConstraint("currency ~ '^[A-Z]{3}$'", name=op.f("payout_file_currency_check")),
        sa.CheckConstraint(
            "state <> 'APPROVED' OR decided_by <> made_by",
            name=op.f("payout_file_two_persons_check"),
        ),
        sa.CheckConstraint("count BETWEEN 1 AND 500", name=op.f("payout_file_count_check")),
        sa.CheckConstraint("total > 0", name=op.f("payout_file_total_check")),
        sa.ForeignKeyConstraint(
            ["decided_by"],
            ["user.id"],
            name=op.f("payout_file_decided_by_fkey"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.ForeignKeyConstraint(
            ["made_by"],
            ["user.id"],
            name=op.f("payout_file_made_by_fkey"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("payout_file_pkey")),
    )
    op.create_index("payout_file_created_at_idx", "payout_file", ["created_at", "id"], unique=False)
    op.create_index(op.f("payout_file_decided_by_idx"), "payout_file", ["decided_by"], unique=False)
    op.create_index(op.f("payout_file_made_by_idx"), "payout_file", ["made_by"], unique=False)
    op.create_table(
        "provider_transaction",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column(
            "provider",
            sa.Enum(
                "MANUAL",
                "WALLET",
                "STRIPE",
                "PAYSTACK",
                name="paymentprovider",
                native_enum=False,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("external_id", sa.String(length=200), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "PAYMENT",
                "REFUND",
                "PAYOUT",
                "TRANSFER",
                "DISPUTE",
                "FEE",
                "OTHER",
                "BALANCE",
                name="transactionkind",
                native_enum=False,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.Column("fee", sa.BigInteger(), nullable=False),
        sa.Column("net", sa.BigInteger(), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("source", sa.String(length=200), nullable=False),
        sa.Column("happened_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("available_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column(
            "state",
            sa.Enum(
                "NEW",
                "MATCHED",
                "DISCREPANT",
                "RESOLVED",
                name="matchstate",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column(
            "cause",
            sa.Enum(
                "NOT_POSTED",
                "AMOUNT_DIFFERS",
                "CURRENCY_DIFFERS",
                "POSTED_ONCE",
                "BALANCE_DIFFERS",
                name="discrepancycause",
                native_enum=False,
                length=40,
            ),
            nullable=True,
        ),
        sa.Column("posting", sa.String(length=100), nullable=True),
        sa.Column("note", sa.String(), nullable=True),
        sa.Column("resolved_by", sa.Uuid(), nullable=True),
        sa.Column("resolved_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "(state = 'RESOLVED') = (note IS NOT NULL)",
            name=op.f("provider_transaction_resolved_note_check"),
        ),
        sa.CheckConstraint(
            "(state = 'RESOLVED') = (resolved_at IS NOT NULL)",
            name=op.f("provider_transaction_resolved_at_check"),
        ),
        sa.CheckConstraint(
            "(state = 'RESOLVED') = (resolved_by IS NOT NULL)",
            name=op.f("provider_transaction_resolved_by_check"),
        ),
        sa.CheckConstraint(
            "currency ~ '^[A-Z]{3}$'", name=op.f("provider_transaction_currency_check")
        ),
        sa.CheckConstraint(
            _one_line("note"),
            name=op.f("provider_transaction_note_line_check"),
        ),
        sa.CheckConstraint(
            "state <> 'DISCREPANT' OR cause IS NOT NULL",
            name=op.f("provider_transaction_discrepant_check"),
        ),
        sa.CheckConstraint(
            "state <> 'MATCHED' OR cause IS NULL", name=op.f("provider_transaction_cause_check")
        ),
        sa.CheckConstraint(
            "char_length(note) <= 300", name=op.f("provider_transaction_note_length_check")
        ),
        sa.CheckConstraint("net = amount - fee", name=op.f("provider_transaction_net_check")),
        sa.ForeignKeyConstraint(
            ["resolved_by"],
            ["user.id"],
            name=op.f("provider_transaction_resolved_by_fkey"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("provider_transaction_pkey")),
        sa.UniqueConstraint("posting", name=op.f("provider_transaction_posting_key")),
        sa.UniqueConstraint(
            "provider", "external_id", name=op.f("provider_transaction_provider_external_id_key")
        ),
    )
    op.create_index(
        "provider_transaction_happened_at_idx",
        "provider_transaction",
        ["provider", "happened_at"],
        unique=False,
    )
    op.create_index(
        "provider_transaction_open_idx",
        "provider_transaction",
        ["happened_at", "id"],
        unique=False,
        postgresql_where=sa.text("state IN ('NEW', 'DISCREPANT')"),
    )
    op.create_index(
        op.f("provider_transaction_resolved_by_idx"),
        "provider_transaction",
        ["resolved_by"],
        unique=False,
    )
    op.create_index(
        "provider_transaction_state_idx",
        "provider_transaction",
        ["state", "created_at", "id"],
        unique=False,
    )
    op.create_table(
        "payout_account",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("vendor_id", sa.Uuid(), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column(
            "rail",
            sa.Enum(
                "STRIPE", "PAYSTACK", "BANK_FILE", name="payoutrail", native_enum=False, length=40
            ),
            nullable=False,
        ),
        sa.Column(
            "state",
            sa.Enum(
                "ONBOARDING",
                "ACTIVE",
                "RESTRICTED",
                "CLOSED",
                name="payoutaccountstate",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("country", sa.String(length=2), nullable=False),
        sa.Column("reference", sa.String(), nullable=True),
        sa.Column("bank_code", sa.String(length=20), nullable=True),
        sa.Column("holder", sa.LargeBinary(), nullable=True),
        sa.Column("account_number", sa.LargeBinary(), nullable=True),
        sa.Column("last4", sa.String(length=4), nullable=True),
        sa.Column("usable_from", sa.DateTime(timezone=True), nullable=False),
        sa.Column("restrictions", sa.Integer(), nullable=False),
        sa.Column("problem", sa.String(), nullable=True),
        sa.Column("set_by", sa.Uuid(), nullable=False),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "(state = 'CLOSED') = (closed_at IS NOT NULL)",
            name=op.f("payout_account_closed_at_check"),
        ),
        sa.CheckConstraint(
            "bank_code ~ '^[0-9A-Z]{3,20}$'", name=op.f("payout_account_bank_code_check")
        ),
        sa.CheckConstraint("country ~ '^[A-Z]{2}$'", name=op.f("payout_account_country_check")),
        sa.CheckConstraint("currency ~ '^[A-Z]{3}$'", name=op.f("payout_account_currency_check")),
        sa.CheckConstraint("last4 ~ '^[0-9A-Z]{4}$'", name=op.f("payout_account_last4_check")),
        sa.CheckConstraint(
            "num_nonnulls(holder, account_number) = CASE rail WHEN 'STRIPE' THEN 0 ELSE 2 END"
            " OR (state = 'CLOSED' AND num_nonnulls(holder, account_number) = 0)",
            name=op.f("payout_account_account_number_check"),
        ),
        sa.CheckConstraint(
            _one_line("problem"),
            name=op.f("payout_account_problem_line_check"),
        ),
        sa.CheckConstraint(
            _one_line("reference"),
            name=op.f("payout_account_reference_line_check"),
        ),
        sa.CheckConstraint(
            "char_length(problem) <= 300", name=op.f("payout_account_problem_length_check")
        ),
        sa.CheckConstraint(
            "char_length(reference) <= 100", name=op.f("payout_account_reference_length_check")
        ),
        sa.CheckConstraint("restrictions >= 0", name=op.f("payout_account_restrictions_check")),
        sa.ForeignKeyConstraint(
            ["set_by"],
            ["user.id"],
            name=op.f("payout_account_set_by_fkey"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.ForeignKeyConstraint(
            ["vendor_id"],
            ["vendor.id"],
            name=op.f("payout_account_vendor_id_fkey"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("payout_account_pkey")),
    )
    op.create_index(
        "payout_account_onboarding_idx",
        "payout_account",
        ["created_at"],
        unique=False,
        postgresql_where=sa.text("state IN ('ONBOARDING', 'RESTRICTED')"),
    )
    op.create_index(
        "payout_account_open_key",
        "payout_account",
        ["vendor_id", "currency"],
        unique=True,
        postgresql_where=sa.text("state <> 'CLOSED'"),
    )
    op.create_index("payout_account_reference_idx", "payout_account", ["reference"], unique=False)
    op.create_index(op.f("payout_account_set_by_idx"), "payout_account", ["set_by"], unique=False)
    op.create_index(
        "payout_account_vendor_id_idx",
        "payout_account",
        ["vendor_id", "created_at", "id"],
        unique=False,
    )
    op.create_table(
        "payout_terms",
        sa.Column("vendor_id", sa.Uuid(), nullable=False),
        sa.Column(
            "schedule",
            sa.Enum(
                "DAILY", "WEEKLY", "MANUAL", name="payoutschedule", native_enum=False, length=40
            ),
            nullable=True,
        ),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("reserve_bps", sa.Integer(), nullable=True),
        sa.Column("reserve_days", sa.Integer(), nullable=True),
        sa.Column("admin_id", sa.Uuid(), nullable=True),
        sa.CheckConstraint(
            "num_nonnulls(reserve_bps, reserve_days) <> 1", name=op.f("payout_terms_reserve_check")
        ),
        sa.CheckConstraint("number >= 0", name=op.f("payout_terms_number_check")),
        sa.CheckConstraint(
            "reserve_bps BETWEEN 0 AND 5000", name=op.f("payout_terms_reserve_bps_check")
        ),
        sa.CheckConstraint(
            "reserve_days BETWEEN 0 AND 180", name=op.f("payout_terms_reserve_days_check")
        ),
        sa.ForeignKeyConstraint(
            ["admin_id"],
            ["user.id"],
            name=op.f("payout_terms_admin_id_fkey"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.ForeignKeyConstraint(
            ["vendor_id"],
            ["vendor.id"],
            name=op.f("payout_terms_vendor_id_fkey"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.PrimaryKeyConstraint("vendor_id", name=op.f("payout_terms_pkey")),
    )
    op.create_index(op.f("payout_terms_admin_id_idx"), "payout_terms", ["admin_id"], unique=False)
    op.create_table(
        "vendor_debt",
        sa.Column("vendor_id", sa.Uuid(), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("since", sa.DateTime(timezone=True), nullable=False),
        sa.Column("noticed_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("currency ~ '^[A-Z]{3}$'", name=op.f("vendor_debt_currency_check")),
        sa.ForeignKeyConstraint(
            ["vendor_id"],
            ["vendor.id"],
            name=op.f("vendor_debt_vendor_id_fkey"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.PrimaryKeyConstraint("vendor_id", "currency", name=op.f("vendor_debt_pkey")),
    )
    op.create_index(
        "vendor_debt_since_idx",
        "vendor_debt",
        ["since"],
        unique=False,
        postgresql_where=sa.text("noticed_at IS NULL"),
    )
    op.create_table(
        "payout",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("vendor_id", sa.Uuid(), nullable=False),
        sa.Column("payout_account_id", sa.Uuid(), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column(
            "rail",
            sa.Enum(
                "STRIPE", "PAYSTACK", "BANK_FILE", name="payoutrail", native_enum=False, length=40
            ),
            nullable=False,
        ),
        sa.Column(
            "state",
            sa.Enum(
                "PLANNED",
                "SENDING",
                "UNKNOWN",
                "IN_TRANSIT",
                "PAID",
                "FAILED",
                "RETURNED",
                "CANCELLED",
                name="payoutstate",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.Column("reference", sa.String(), nullable=True),
        sa.Column("file_id", sa.Uuid(), nullable=True),
        sa.Column("requested_by", sa.Uuid(), nullable=True),
        sa.Column(
            "cause",
            sa.Enum(
                "ACCOUNT",
                "PROVIDER",
                "RETURNED",
                "TOO_SMALL",
                "FILE_CANCELLED",
                name="payoutcause",
                native_enum=False,
                length=40,
            ),
            nullable=True,
        ),
        sa.Column("failure", sa.String(), nullable=True),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("paid_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "(cause IS NOT NULL) = (state IN ('FAILED', 'RETURNED', 'CANCELLED'))",
            name=op.f("payout_cause_check"),
        ),
        sa.CheckConstraint(
            "(state IN ('PAID', 'FAILED', 'RETURNED', 'CANCELLED')) = (ended_at IS NOT NULL)",
            name=op.f("payout_ended_at_check"),
        ),
        sa.CheckConstraint("currency ~ '^[A-Z]{3}$'", name=op.f("payout_currency_check")),
        sa.CheckConstraint(
            _one_line("failure"),
            name=op.f("payout_failure_line_check"),
        ),
        sa.CheckConstraint(
            "rail = 'BANK_FILE' OR file_id IS NULL", name=op.f("payout_file_id_check")
        ),
        sa.CheckConstraint(
            _one_line("reference"),
            name=op.f("payout_reference_line_check"),
        ),
        sa.CheckConstraint(
            "amount BETWEEN 1 AND 1000000000000000", name=op.f("payout_amount_check")
        ),
        sa.CheckConstraint("char_length(failure) <= 300", name=op.f("payout_failure_length_check")),
        sa.CheckConstraint(
            "char_length(reference) <= 100", name=op.f("payout_reference_length_check")
        ),
        sa.ForeignKeyConstraint(
            ["file_id"],
            ["payout_file.id"],
            name=op.f("payout_file_id_fkey"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.ForeignKeyConstraint(
            ["payout_account_id"],
            ["payout_account.id"],
            name=op.f("payout_payout_account_id_fkey"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.ForeignKeyConstraint(
            ["requested_by"],
            ["user.id"],
            name=op.f("payout_requested_by_fkey"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.ForeignKeyConstraint(
            ["vendor_id"],
            ["vendor.id"],
            name=op.f("payout_vendor_id_fkey"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("payout_pkey")),
        sa.UniqueConstraint("rail", "reference", name=op.f("payout_rail_reference_key")),
    )
    op.create_index("payout_created_at_idx", "payout", ["created_at", "id"], unique=False)
    op.create_index("payout_file_id_idx", "payout", ["file_id", "id"], unique=False)
    op.create_index(
        "payout_open_key",
        "payout",
        ["vendor_id", "currency"],
        unique=True,
        postgresql_where=sa.text("state IN ('PLANNED', 'SENDING', 'UNKNOWN')"),
    )
    op.create_index(
        op.f("payout_payout_account_id_idx"), "payout", ["payout_account_id"], unique=False
    )
    op.create_index(op.f("payout_requested_by_idx"), "payout", ["requested_by"], unique=False)
    op.create_index("payout_state_idx", "payout", ["state", "created_at", "id"], unique=False)
    op.create_index(
        "payout_vendor_id_idx", "payout", ["vendor_id", "created_at", "id"], unique=False
    )
    op.create_table(
        "suborder_release",
        sa.Column("suborder_id", sa.Uuid(), nullable=False),
        sa.Column("vendor_id", sa.Uuid(), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.Column("reserved", sa.BigInteger(), nullable=False),
        sa.Column("released_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("reserve_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("unreserved_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "(reserved > 0) = (reserve_until IS NOT NULL)",
            name=op.f("suborder_release_reserve_until_check"),
        ),
        sa.CheckConstraint(
            "amount >= 0 AND reserved BETWEEN 0 AND amount",
            name=op.f("suborder_release_reserved_check"),
        ),
        sa.ForeignKeyConstraint(
            ["suborder_id"],
            ["suborder.id"],
            name=op.f("suborder_release_suborder_id_fkey"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.ForeignKeyConstraint(
            ["vendor_id"],
            ["vendor.id"],
            name=op.f("suborder_release_vendor_id_fkey"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.PrimaryKeyConstraint("suborder_id", name=op.f("suborder_release_pkey")),
    )
    op.create_index(
        "suborder_release_reserve_until_idx",
        "suborder_release",
        ["reserve_until"],
        unique=False,
        postgresql_where=sa.text("reserved > 0 AND unreserved_at IS NULL"),
    )
    op.create_index(
        op.f("suborder_release_vendor_id_idx"), "suborder_release", ["vendor_id"], unique=False
    )
    op.create_index(
        "suborder_ended_at_idx",
        "suborder",
        ["ended_at"],
        unique=False,
        postgresql_where=sa.text("state IN ('RELEASED', 'RETURNED', 'CANCELLED')"),
    )


def downgrade() -> None:
    op.drop_index(
        "suborder_ended_at_idx",
        table_name="suborder",
        postgresql_where=sa.text("state IN ('RELEASED', 'RETURNED', 'CANCELLED')"),
    )
    op.drop_index(op.f("suborder_release_vendor_id_idx"), table_name="suborder_release")
    op.drop_index(
        "suborder_release_reserve_until_idx",
        table_name="suborder_release",
        postgresql_where=sa.text("reserved > 0 AND unreserved_at IS NULL"),
    )
    op.drop_table("suborder_release")
    op.drop_index("payout_vendor_id_idx", table_name="payout")
    op.drop_index("payout_state_idx", table_name="payout")
    op.drop_index(op.f("payout_requested_by_idx"), table_name="payout")
    op.drop_index(op.f("payout_payout_account_id_idx"), table_name="payout")
    op.drop_index(
        "payout_open_key",
        table_name="payout",
        postgresql_where=sa.text("state IN ('PLANNED', 'SENDING', 'UNKNOWN')"),
    )
    op.drop_index("payout_file_id_idx", table_name="payout")
    op.drop_index("payout_created_at_idx", table_name="payout")
    op.drop_table("payout")
    op.drop_index(
        "vendor_debt_since_idx",
        table_name="vendor_debt",
        postgresql_where=sa.text("noticed_at IS NULL"),
    )
    op.drop_table("vendor_debt")
    op.drop_index(op.f("payout_terms_admin_id_idx"), table_name="payout_terms")
    op.drop_table("payout_terms")
    op.drop_index("payout_account_vendor_id_idx", table_name="payout_account")
    op.drop_index(op.f("payout_account_set_by_idx"), table_name="payout_account")
    op.drop_index("payout_account_reference_idx", table_name="payout_account")
    op.drop_index(
        "payout_account_open_key",
        table_name="payout_account",
        postgresql_where=sa.text("state <> 'CLOSED'"),
    )
    op.drop_index(
        "payout_account_onboarding_idx",
        table_name="payout_account",
        postgresql_where=sa.text("state IN ('ONBOARDING', 'RESTRICTED')"),
    )
    op.drop_table("payout_account")
    op.drop_index("provider_transaction_state_idx", table_name="provider_transaction")
    op.drop_index(op.f("provider_transaction_resolved_by_idx"), table_name="provider_transaction")
    op.drop_index(
        "provider_transaction_open_idx",
        table_name="provider_transaction",
        postgresql_where=sa.text("state IN ('NEW', 'DISCREPANT')"),
    )
    op.drop_index("provider_transaction_happened_at_idx", table_name="provider_transaction")
    op.drop_table("provider_transaction")
    op.drop_index(op.f("payout_file_made_by_idx"), table_name="payout_file")
    op.drop_index(op.f("payout_file_decided_by_idx"), table_name="payout_file")
    op.drop_index("payout_file_created_at_idx", table_name="payout_file")
    op.drop_table("payout_file")
