"""Rules of offers, versioned; vouchers with several uses or a balance; bills and visits."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0118"
down_revision = "0117"
branch_labels = None
depends_on = None

TIME = sa.DateTime(timezone=True)
LINE = (
    "[\\u0001-\\u001f\\u007f-\\u009f\\u200b\\u200e\\u200f\\u2028-\\u202e\\u2066-\\u2069"
    "\\ufeff\\u2800\\u3164]"
)
REASONS = (
    "APPROVED",
    "EXPIRED",
    "NOT_YET",
    "ALREADY_REDEEMED",
    "OTHER_VENDOR",
    "CANCELLED",
    "BAD_SIGNATURE",
    "OLD_GENERATION",
    "WRONG_TYPE",
    "UNKNOWN",
    "VENDOR_SUSPENDED",
    "USER_SUSPENDED",
    "NOT_ACCEPTED",
    "BEING_CHECKED",
    "SUSPECTED_FRAUD",
    "NOT_CHECKED",
)
STANDING = "outcome = 'APPROVED' AND reversed_at IS NULL"
CHECKS = {
    "offer": {
        "voucher_uses": "voucher_uses BETWEEN 1 AND 1000",
        "voucher_minor": "voucher_minor BETWEEN 1 AND 1000000000000",
        "terms": "terms_id IS NOT NULL"
        " OR (voucher_uses = 1 AND voucher_minor IS NULL AND NOT claims_judged)",
    },
    "voucher": {
        "max_uses": "max_uses BETWEEN 1 AND 1000",
        "used": "used BETWEEN 0 AND max_uses",
        "balance": "(value_minor IS NULL) = (balance_minor IS NULL) AND value_minor > 0"
        " AND balance_minor BETWEEN 0 AND value_minor",
    },
    "redemption": {
        "use_no": "use_no BETWEEN 1 AND 1000",
        "amount": "amount_minor >= 0",
        "failed_rule": "(reason <> 'RULE_FAILED' OR failed_rule IS NOT NULL)"
        " AND (failed_rule IS NULL) = (rule_facts IS NULL)",
    },
}


def upgrade() -> None:
    _create_terms()
    _create_bills()
    _change_offers()
    _change_vouchers()
    _change_redemptions()
    _create_uses()
    for table, checks in CHECKS.items():
        for name, condition in checks.items():
            op.create_check_constraint(op.f(f"{table}_{name}_check"), table, condition)
    _fill()


def downgrade() -> None:
    for table, checks in CHECKS.items():
        for name in checks:
            op.drop_constraint(op.f(f"{table}_{name}_check"), table)
    for table in ("vendor_visit", "offer_household", "bill_use"):
        op.drop_table(table)
    op.execute("UPDATE redemption SET reason = 'UNKNOWN' WHERE reason = 'RULE_FAILED'")
    op.execute(
        "UPDATE redemption SET outcome = 'DOUBLE', reason = 'ALREADY_REDEEMED'"
        " WHERE outcome = 'APPROVED' AND use_no > 1 AND reversed_at IS NULL"
    )
    op.drop_index("redemption_approved_key", "redemption")
    for name in ("rule_facts", "failed_rule", "amount_minor", "use_no", "bill_id"):
        op.drop_column("redemption", name)
    _index_approved("voucher_id")
    _set_reasons(REASONS)
    for name in ("balance_minor", "value_minor", "used", "max_uses", "terms_id"):
        op.drop_column("voucher", name)
    for name in ("claims_judged", "voucher_minor", "voucher_uses", "terms_id"):
        op.drop_column("offer", name)
    op.drop_table("bill")
    op.drop_table("offer_terms")


def _set_reasons(known: tuple[str, ...]) -> None:
    name = op.f("redemption_redemptionreason_check")
    values = ", ".join(f"'{one}'" for one in known)
    op.drop_constraint(name, "redemption", type_="check")
    op.create_check_constraint(name, "redemption", f"reason IN ({values})")


def _index_approved(*columns: str) -> None:
    op.create_index(
        "redemption_approved_key",
        "redemption",
        [*columns],
        unique=True,
        postgresql_where=sa.text(STANDING),
    )


def _id(name: str, *, nullable: bool = False) -> sa.Column[object]:
    return sa.Column(name, sa.Uuid(), nullable=nullable)


def _to(table: str, column: str, other: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        [column],
        [f"{other}.id"],
        name=op.f(f"{table}_{column}_fkey"),
        initially="DEFERRED",
        deferrable=True,
    )


def _check(table: str, name: str, condition: str) -> sa.CheckConstraint:
    return sa.CheckConstraint(condition, name=op.f(f"{table}_{name}_check"))


def _refer(table: str, column: str, other: str) -> None:
    op.add_column(table, _id(column, nullable=True))
    op.create_foreign_key(
        op.f(f"{table}_{column}_fkey"),
        table,
        other,
        [column],
        ["id"],
        initially="DEFERRED",
        deferrable=True,
    )
    op.create_index(f"{table}_{column}_idx", table, [column])


def _create_terms() -> None:
    table = "offer_terms"
    op.create_table(
        table,
        _id("id"),
        sa.Column("created_at", TIME, nullable=False),
        _id("offer_id"),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("locale", sa.String(length=16), nullable=False),
        sa.Column("rules", postgresql.JSONB(none_as_null=True), nullable=False),
        sa.Column("text", postgresql.JSONB(none_as_null=True), nullable=False),
        _check(table, "version", "version BETWEEN 1 AND 100"),
        _check(table, "rules", "jsonb_typeof(rules) = 'object'"),
        _to(table, "offer_id", "offer"),
        sa.PrimaryKeyConstraint("id", name=op.f("offer_terms_pkey")),
        sa.UniqueConstraint("offer_id", "version", name=op.f("offer_terms_offer_id_version_key")),
    )
    op.execute(
        "CREATE TRIGGER offer_terms_append_only BEFORE UPDATE OR DELETE ON offer_terms"
        " FOR EACH ROW EXECUTE FUNCTION refuse_truncate()"
    )
    op.execute(
        "CREATE TRIGGER offer_terms_refuse_truncate BEFORE TRUNCATE ON offer_terms"
        " FOR EACH STATEMENT EXECUTE FUNCTION refuse_truncate()"
    )


def _create_bills() -> None:
    table = "bill"
    op.create_table(
        table,
        _id("id"),
        sa.Column("created_at", TIME, nullable=False),
        _id("vendor_id"),
        sa.Column("reference", sa.String(length=80), nullable=False),
        sa.Column("amount_minor", sa.BigInteger(), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("discount_minor", sa.BigInteger(), nullable=False),
        sa.Column("uses", sa.Integer(), nullable=False),
        sa.Column("alone", sa.Boolean(), nullable=False),
        _check(table, "amount", "amount_minor BETWEEN 1 AND 1000000000000"),
        _check(table, "discount", "discount_minor BETWEEN 0 AND amount_minor"),
        _check(table, "uses", "uses >= 0 AND (uses > 0 OR discount_minor = 0)"),
        _check(table, "alone", "NOT alone OR uses = 1"),
        _check(
            table,
            "reference_line",
            f"reference !~ '{LINE}' AND reference = btrim(reference) AND reference <> ''",
        ),
        _to(table, "vendor_id", "vendor"),
        sa.PrimaryKeyConstraint("id", name=op.f("bill_pkey")),
        sa.UniqueConstraint("vendor_id", "reference", name=op.f("bill_vendor_id_reference_key")),
    )


def _change_offers() -> None:
    _refer("offer", "terms_id", "offer_terms")
    op.add_column(
        "offer", sa.Column("voucher_uses", sa.Integer(), nullable=False, server_default="1")
    )
    op.add_column("offer", sa.Column("voucher_minor", sa.BigInteger(), nullable=True))
    op.add_column(
        "offer",
        sa.Column("claims_judged", sa.Boolean(), nullable=False, server_default=sa.false()),
    )


def _change_vouchers() -> None:
    _refer("voucher", "terms_id", "offer_terms")
    for name, default in {"max_uses": "1", "used": "0"}.items():
        column = sa.Column(name, sa.Integer(), nullable=False, server_default=default)
        op.add_column("voucher", column)
    for name in ("value_minor", "balance_minor"):
        op.add_column("voucher", sa.Column(name, sa.BigInteger(), nullable=True))


def _change_redemptions() -> None:
    _refer("redemption", "bill_id", "bill")
    op.add_column(
        "redemption", sa.Column("use_no", sa.Integer(), nullable=False, server_default="1")
    )
    op.add_column("redemption", sa.Column("amount_minor", sa.BigInteger(), nullable=True))
    op.add_column("redemption", sa.Column("failed_rule", sa.String(length=40), nullable=True))
    op.add_column(
        "redemption",
        sa.Column("rule_facts", postgresql.JSONB(none_as_null=True), nullable=True),
    )
    op.drop_index("redemption_approved_key", "redemption")
    _index_approved("voucher_id", "use_no")
    _set_reasons((*REASONS, "RULE_FAILED"))


def _create_uses() -> None:
    op.create_table(
        "bill_use",
        _id("bill_id"),
        sa.Column("stack_group", sa.String(length=60), nullable=False),
        _id("voucher_id"),
        _id("redemption_id"),
        sa.Column("amount_minor", sa.BigInteger(), nullable=False),
        sa.Column("created_at", TIME, nullable=False),
        _check("bill_use", "group", "char_length(stack_group) BETWEEN 1 AND 60"),
        _check("bill_use", "amount", "amount_minor >= 0"),
        _to("bill_use", "bill_id", "bill"),
        _to("bill_use", "voucher_id", "voucher"),
        _to("bill_use", "redemption_id", "redemption"),
        sa.PrimaryKeyConstraint("bill_id", "stack_group", name=op.f("bill_use_pkey")),
        sa.UniqueConstraint("redemption_id", name=op.f("bill_use_redemption_id_key")),
    )
    op.create_index("bill_use_voucher_id_idx", "bill_use", ["voucher_id"])
    table = "offer_household"
    op.create_table(
        table,
        _id("offer_id"),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("hash", sa.LargeBinary(), nullable=False),
        _id("voucher_id"),
        sa.Column("created_at", TIME, nullable=False),
        _check(table, "linkkind", "kind IN ('DEVICE', 'PHONE', 'ADDRESS')"),
        _check(table, "kind", "kind IN ('DEVICE', 'PHONE')"),
        _check(table, "hash", "octet_length(hash) = 32"),
        _to(table, "offer_id", "offer"),
        _to(table, "voucher_id", "voucher"),
        sa.PrimaryKeyConstraint("offer_id", "kind", "hash", name=op.f("offer_household_pkey")),
    )
    op.create_index("offer_household_voucher_id_idx", table, ["voucher_id"])
    op.create_table(
        "vendor_visit",
        _id("vendor_id"),
        _id("user_id"),
        sa.Column("visits", sa.Integer(), nullable=False),
        sa.Column("first_at", TIME, nullable=False),
        _check("vendor_visit", "visits", "visits >= 0"),
        _to("vendor_visit", "vendor_id", "vendor"),
        _to("vendor_visit", "user_id", "user"),
        sa.PrimaryKeyConstraint("vendor_id", "user_id", name=op.f("vendor_visit_pkey")),
    )
    op.create_index("vendor_visit_user_id_idx", "vendor_visit", ["user_id"])


def _fill() -> None:
    """Count the uses of redeemed vouchers, and the visits of their holders."""
    op.execute("UPDATE voucher SET used = 1 WHERE state = 'REDEEMED'")
    op.execute(
        "INSERT INTO vendor_visit (vendor_id, user_id, visits, first_at)"
        " SELECT redemption.vendor_id, voucher.user_id, count(*), min(redemption.created_at)"
        " FROM redemption JOIN voucher ON voucher.id = redemption.voucher_id"
        " WHERE (outcome = 'APPROVED' AND reversed_at IS NULL) OR outcome = 'HELD'"
        " GROUP BY redemption.vendor_id, voucher.user_id"
    )
