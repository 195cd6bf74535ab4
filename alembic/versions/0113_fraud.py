"""Fraud of redemptions: settings, scores and their factors, cases, and links between accounts."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0113"
down_revision = "0111"
branch_labels = None
depends_on = None

KNOWN = (
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
)
REASONS = ("BEING_CHECKED", "SUSPECTED_FRAUD", "NOT_CHECKED")
TIME = sa.DateTime(timezone=True)


def upgrade() -> None:
    _create_settings()
    _change_vouchers_and_redemptions()
    _create_factors()
    _create_cases()
    _create_notes_and_labels()
    _create_links()


def downgrade() -> None:
    for table in ("identity_link", "case_label", "fraud_case_note", "fraud_case"):
        op.drop_table(table)
    op.drop_table("redemption_factor")
    for name in ("checked", "score", "scored", "advised"):
        op.drop_constraint(op.f(f"redemption_{name}_check"), "redemption", type_="check")
    op.drop_index("redemption_held_key", table_name="redemption")
    for column in ("measures", "scored_by_id", "counters", "advised", "score"):
        op.drop_column("redemption", column)
    op.drop_constraint(op.f("voucher_held_at_check"), "voucher", type_="check")
    op.drop_column("voucher", "held_at")
    op.drop_table("fraud_settings")
    _set_reasons(KNOWN)


def _set_reasons(known: tuple[str, ...]) -> None:
    name = op.f("redemption_redemptionreason_check")
    values = ", ".join(f"'{one}'" for one in known)
    op.drop_constraint(name, "redemption", type_="check")
    op.create_check_constraint(name, "redemption", f"reason IN ({values})")


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


def _create_settings() -> None:
    table = "fraud_settings"
    op.create_table(
        table,
        _id("id"),
        sa.Column("created_at", TIME, nullable=False),
        _id("vendor_id", nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        _id("changed_by_id"),
        sa.Column("mode", sa.String(length=40), nullable=False),
        sa.Column("hold_from", sa.Integer(), nullable=False),
        sa.Column("block_above", sa.Integer(), nullable=False),
        sa.Column("hold_minutes", sa.Integer(), nullable=False),
        sa.Column("on_timeout", sa.String(length=40), nullable=False),
        sa.Column("approve_below", sa.Integer(), nullable=False),
        sa.Column("review_hours", sa.Integer(), nullable=False),
        sa.Column("rules", postgresql.JSONB(), nullable=False),
        sa.Column("windows", postgresql.JSONB(), nullable=False),
        _check(table, "fraudmode", "mode IN ('SHADOW', 'ACT')"),
        _check(table, "ontimeout", "on_timeout IN ('BY_SCORE', 'APPROVE', 'RELEASE')"),
        _check(table, "version", "version >= 1"),
        _check(
            table,
            "thresholds",
            "hold_from BETWEEN 1 AND 100 AND block_above BETWEEN hold_from AND 100",
        ),
        _check(table, "approve_below", "approve_below BETWEEN 0 AND 101"),
        _check(table, "hold_minutes", "hold_minutes BETWEEN 1 AND 1440"),
        _check(table, "review_hours", "review_hours BETWEEN 1 AND 168"),
        _to(table, "vendor_id", "vendor"),
        _to(table, "changed_by_id", "user"),
        sa.PrimaryKeyConstraint("id", name=op.f("fraud_settings_pkey")),
        sa.UniqueConstraint(
            "vendor_id",
            "version",
            name=op.f("fraud_settings_vendor_id_version_key"),
            postgresql_nulls_not_distinct=True,
        ),
    )
    op.create_index("fraud_settings_changed_by_id_idx", table, ["changed_by_id"])
    op.execute(
        "CREATE TRIGGER fraud_settings_append_only BEFORE UPDATE OR DELETE ON fraud_settings"
        " FOR EACH ROW EXECUTE FUNCTION refuse_truncate()"
    )
    op.execute(
        "CREATE TRIGGER fraud_settings_refuse_truncate BEFORE TRUNCATE ON fraud_settings"
        " FOR EACH STATEMENT EXECUTE FUNCTION refuse_truncate()"
    )


def _change_vouchers_and_redemptions() -> None:
    op.add_column("voucher", sa.Column("held_at", TIME, nullable=True))
    op.create_check_constraint(
        op.f("voucher_held_at_check"), "voucher", "held_at IS NULL OR state = 'CLAIMED'"
    )
    for column in (
        sa.Column("score", sa.Integer(), nullable=True),
        sa.Column("advised", sa.String(length=40), nullable=True),
        sa.Column("counters", sa.String(length=40), nullable=True),
        sa.Column("measures", postgresql.JSONB(), nullable=True),
        _id("scored_by_id", nullable=True),
    ):
        op.add_column("redemption", column)
    op.create_foreign_key(
        op.f("redemption_scored_by_id_fkey"),
        "redemption",
        "fraud_settings",
        ["scored_by_id"],
        ["id"],
        initially="DEFERRED",
        deferrable=True,
    )
    op.create_index("redemption_scored_by_id_idx", "redemption", ["scored_by_id"])
    op.create_index(
        "redemption_held_key",
        "redemption",
        ["voucher_id"],
        unique=True,
        postgresql_where=sa.text("outcome = 'HELD'"),
    )
    _set_reasons((*KNOWN, *REASONS))
    checks = {
        "redemption_advised_check": "advised IN ('APPROVED', 'HELD', 'BLOCKED')",
        "redemption_counterstate_check": "counters IN ('COMPLETE', 'REBUILDING', 'LOST')",
        "redemption_score_check": "score BETWEEN 0 AND 100",
        "redemption_checked_check": (
            "(outcome = 'BLOCKED') = (reason = 'SUSPECTED_FRAUD')"
            " AND (outcome <> 'HELD' OR reason = 'BEING_CHECKED')"
            " AND (reason <> 'BEING_CHECKED' OR outcome IN ('HELD', 'REFUSED'))"
        ),
        "redemption_scored_check": (
            "(score IS NULL) = (advised IS NULL) AND (score IS NULL) = (counters IS NULL)"
            " AND (score IS NULL) = (measures IS NULL)"
        ),
    }
    for name, condition in checks.items():
        op.create_check_constraint(op.f(name), "redemption", condition)


def _create_factors() -> None:
    table = "redemption_factor"
    op.create_table(
        table,
        _id("id"),
        sa.Column("created_at", TIME, nullable=False),
        _id("redemption_id"),
        sa.Column("factor", sa.String(length=40), nullable=False),
        sa.Column("points", sa.Integer(), nullable=False),
        sa.Column("facts", postgresql.JSONB(), nullable=False),
        _check(table, "points", "points BETWEEN -100 AND 100 AND points <> 0"),
        _to(table, "redemption_id", "redemption"),
        sa.PrimaryKeyConstraint("id", name=op.f("redemption_factor_pkey")),
        sa.UniqueConstraint(
            "redemption_id", "factor", name=op.f("redemption_factor_redemption_id_factor_key")
        ),
    )


def _create_cases() -> None:
    table = "fraud_case"
    op.create_table(
        table,
        _id("id"),
        sa.Column("created_at", TIME, nullable=False),
        *(_id(name) for name in ("redemption_id", "vendor_id", "user_id")),
        sa.Column("score", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(length=40), nullable=False),
        sa.Column("hold_ends_at", TIME, nullable=True),
        sa.Column("review_until", TIME, nullable=False),
        _id("taken_by_id", nullable=True),
        sa.Column("lease_until", TIME, nullable=True),
        sa.Column("decision", sa.String(length=40), nullable=True),
        _id("decided_by_id", nullable=True),
        sa.Column("decided_at", TIME, nullable=True),
        sa.Column("effect", sa.String(length=40), nullable=True),
        _check(table, "casestate", "state IN ('OPEN', 'UNDER_REVIEW', 'RESOLVED')"),
        _check(table, "casedecision", "decision IN ('APPROVED', 'REJECTED')"),
        _check(table, "caseeffect", "effect IN ('APPROVED', 'REJECTED', 'TIMED_OUT', 'NONE')"),
        _check(table, "score", "score BETWEEN 0 AND 100"),
        _check(
            table,
            "lease",
            "(state = 'UNDER_REVIEW') = (lease_until IS NOT NULL)"
            " AND (lease_until IS NULL OR taken_by_id IS NOT NULL)",
        ),
        _check(
            table,
            "decision",
            "(state = 'RESOLVED') = (decision IS NOT NULL)"
            " AND (decision IS NULL) = (decided_at IS NULL)"
            " AND (decision IS NULL) = (decided_by_id IS NULL)",
        ),
        _check(
            table,
            "effect",
            "(state <> 'RESOLVED' OR effect IS NOT NULL)"
            " AND (hold_ends_at IS NOT NULL OR effect = 'NONE')",
        ),
        _to(table, "redemption_id", "redemption"),
        _to(table, "vendor_id", "vendor"),
        *(_to(table, name, "user") for name in ("user_id", "taken_by_id", "decided_by_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("fraud_case_pkey")),
        sa.UniqueConstraint("redemption_id", name=op.f("fraud_case_redemption_id_key")),
    )
    for name in ("user_id", "taken_by_id", "decided_by_id"):
        op.create_index(f"fraud_case_{name}_idx", table, [name])
    for name in ("score", "created_at"):
        op.create_index(f"fraud_case_{name}_idx", table, [name, "id"])
        op.create_index(f"fraud_case_vendor_id_{name}_idx", table, ["vendor_id", name, "id"])
    op.create_index(
        "fraud_case_hold_ends_at_idx",
        table,
        ["hold_ends_at"],
        postgresql_where=sa.text("effect IS NULL"),
    )


def _create_notes_and_labels() -> None:
    table = "fraud_case_note"
    op.create_table(
        table,
        _id("id"),
        sa.Column("created_at", TIME, nullable=False),
        _id("case_id"),
        _id("author_id"),
        sa.Column("text", sa.String(length=2000), nullable=False),
        _check(table, "text", "char_length(text) BETWEEN 1 AND 2000"),
        _to(table, "case_id", "fraud_case"),
        _to(table, "author_id", "user"),
        sa.PrimaryKeyConstraint("id", name=op.f("fraud_case_note_pkey")),
    )
    op.create_index("fraud_case_note_case_id_idx", table, ["case_id", "created_at", "id"])
    op.create_index("fraud_case_note_author_id_idx", table, ["author_id"])
    op.create_table(
        "case_label",
        _id("id"),
        sa.Column("created_at", TIME, nullable=False),
        _id("case_id"),
        sa.Column("factor", sa.String(length=40), nullable=False),
        sa.Column("confirmed", sa.Boolean(), nullable=False),
        _to("case_label", "case_id", "fraud_case"),
        sa.PrimaryKeyConstraint("id", name=op.f("case_label_pkey")),
        sa.UniqueConstraint("case_id", "factor", name=op.f("case_label_case_id_factor_key")),
    )


def _create_links() -> None:
    table = "identity_link"
    op.create_table(
        table,
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("hash", sa.LargeBinary(), nullable=False),
        _id("user_id"),
        sa.Column("first_at", TIME, nullable=False),
        sa.Column("last_at", TIME, nullable=False),
        _check(table, "linkkind", "kind IN ('DEVICE', 'PHONE', 'ADDRESS')"),
        _check(table, "hash", "octet_length(hash) = 32"),
        _check(table, "times", "first_at <= last_at"),
        _to(table, "user_id", "user"),
        sa.PrimaryKeyConstraint("kind", "hash", "user_id", name=op.f("identity_link_pkey")),
    )
    op.create_index("identity_link_user_id_idx", table, ["user_id", "kind", "last_at"])
    op.create_index("identity_link_kind_last_at_idx", table, ["kind", "last_at"])
