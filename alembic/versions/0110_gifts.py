"""Gifts of vouchers, reversed redemptions, and codes that have ended."""

import sqlalchemy as sa
from alembic import op

revision = "0110"
down_revision = "0107"
branch_labels = None
depends_on = None

LINE = (
    "[\\u0001-\\u001f\\u007f-\\u009f\\u200b\\u200e\\u200f\\u2028-\\u202e\\u2066-\\u2069"
    "\\ufeff\\u2800\\u3164]"
)
NOT_CANCELLED = sa.text("state <> 'CANCELLED'")


def upgrade() -> None:
    _extend_vouchers()
    _extend_redemptions()
    _create_gifts()
    _create_revocations()


def _extend_vouchers() -> None:
    op.add_column("voucher", sa.Column("giver_id", sa.Uuid(), nullable=True))
    op.create_foreign_key(
        op.f("voucher_giver_id_fkey"),
        "voucher",
        "user",
        ["giver_id"],
        ["id"],
        initially="DEFERRED",
        deferrable=True,
    )
    op.create_index(op.f("voucher_giver_id_idx"), "voucher", ["giver_id"])
    op.add_column("voucher", sa.Column("holder_number", sa.Integer(), nullable=True))
    op.execute("UPDATE voucher SET holder_number = claim_number")
    op.alter_column("voucher", "holder_number", nullable=False)
    op.add_column("voucher", sa.Column("uses", sa.Integer(), nullable=False, server_default="0"))
    op.execute("UPDATE voucher SET uses = 1 WHERE state = 'REDEEMED'")
    op.alter_column("voucher", "uses", server_default=None)
    for name, rule in {
        "holder_number": "holder_number BETWEEN 1 AND 20",
        "giver": "giver_id <> user_id",
        "uses": "uses >= 0",
        "generation": "generation BETWEEN 1 AND 1000",
    }.items():
        op.create_check_constraint(op.f(f"voucher_{name}_check"), "voucher", rule)
    op.drop_index("voucher_claim_number_key", "voucher")
    op.create_index(
        "voucher_claim_number_key",
        "voucher",
        ["offer_id", sa.text("coalesce(giver_id, user_id)"), "claim_number"],
        unique=True,
        postgresql_where=NOT_CANCELLED,
    )
    op.create_index(
        "voucher_holder_number_key",
        "voucher",
        ["offer_id", "user_id", "holder_number"],
        unique=True,
        postgresql_where=NOT_CANCELLED,
    )


def _extend_redemptions() -> None:
    op.add_column("redemption", sa.Column("reversed_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("redemption", sa.Column("reversed_by_id", sa.Uuid(), nullable=True))
    op.add_column("redemption", sa.Column("reverse_reason", sa.String(300), nullable=True))
    op.create_foreign_key(
        op.f("redemption_reversed_by_id_fkey"),
        "redemption",
        "user",
        ["reversed_by_id"],
        ["id"],
        initially="DEFERRED",
        deferrable=True,
    )
    op.create_index(op.f("redemption_reversed_by_id_idx"), "redemption", ["reversed_by_id"])
    for name, rule in {
        "reverse_reason_line": f"reverse_reason !~ '{LINE}'"
        " AND reverse_reason = btrim(reverse_reason) AND reverse_reason <> ''",
        "reversed": "num_nonnulls(reversed_at, reversed_by_id, reverse_reason) IN (0, 3)",
        "reversed_of_approved": "reversed_at IS NULL OR outcome = 'APPROVED'",
    }.items():
        op.create_check_constraint(op.f(f"redemption_{name}_check"), "redemption", rule)
    op.drop_index("redemption_approved_key", "redemption")
    op.create_index(
        "redemption_approved_key",
        "redemption",
        ["voucher_id"],
        unique=True,
        postgresql_where=sa.text("outcome = 'APPROVED' AND reversed_at IS NULL"),
    )


def _create_gifts() -> None:
    states = ("OFFERED", "ACCEPTED", "DECLINED", "WITHDRAWN", "LAPSED")
    op.create_table(
        "voucher_gift",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("voucher_id", sa.Uuid(), nullable=False),
        sa.Column("from_user_id", sa.Uuid(), nullable=False),
        sa.Column("to_user_id", sa.Uuid(), nullable=True),
        sa.Column("code", sa.String(19), nullable=True),
        sa.Column(
            "state",
            sa.Enum(
                *states, name="giftstate", native_enum=False, create_constraint=True, length=40
            ),
            nullable=False,
        ),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "(state = 'OFFERED') = (ended_at IS NULL)", name=op.f("voucher_gift_ended_at_check")
        ),
        sa.CheckConstraint(
            "(state = 'OFFERED') = (code IS NOT NULL)", name=op.f("voucher_gift_code_check")
        ),
        sa.CheckConstraint(
            "state <> 'ACCEPTED' OR to_user_id IS NOT NULL",
            name=op.f("voucher_gift_accepted_check"),
        ),
        sa.CheckConstraint(
            "to_user_id <> from_user_id", name=op.f("voucher_gift_other_user_check")
        ),
        *_references("voucher_gift", voucher_id="voucher", from_user_id="user", to_user_id="user"),
        sa.PrimaryKeyConstraint("id", name=op.f("voucher_gift_pkey")),
        sa.UniqueConstraint("code", name=op.f("voucher_gift_code_key")),
    )
    for state in ("offered", "accepted"):
        op.create_index(
            f"voucher_gift_{state}_key",
            "voucher_gift",
            ["voucher_id"],
            unique=True,
            postgresql_where=sa.text(f"state = '{state.upper()}'"),
        )
    for column in ("voucher_id", "from_user_id", "to_user_id"):
        op.create_index(f"voucher_gift_{column}_idx", "voucher_gift", [column, "created_at", "id"])
    op.create_index(
        "voucher_gift_expires_at_idx",
        "voucher_gift",
        ["expires_at"],
        postgresql_where=sa.text("state = 'OFFERED'"),
    )


def _create_revocations() -> None:
    kinds = ("REISSUED", "GIVEN", "CANCELLED")
    op.create_table(
        "voucher_revocation",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("vendor_id", sa.Uuid(), nullable=False),
        sa.Column("voucher_id", sa.Uuid(), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                *kinds, name="codesended", native_enum=False, create_constraint=True, length=40
            ),
            nullable=False,
        ),
        sa.Column("generation", sa.Integer(), nullable=False),
        sa.Column("by_id", sa.Uuid(), nullable=True),
        sa.Column("reason", sa.String(300), nullable=True),
        sa.CheckConstraint(
            f"reason !~ '{LINE}' AND reason = btrim(reason) AND reason <> ''",
            name=op.f("voucher_revocation_reason_line_check"),
        ),
        sa.CheckConstraint(
            "generation BETWEEN 2 AND 1001", name=op.f("voucher_revocation_generation_check")
        ),
        sa.CheckConstraint(
            "(kind = 'REISSUED') = (num_nonnulls(by_id, reason) = 2)"
            " AND num_nonnulls(by_id, reason) <> 1",
            name=op.f("voucher_revocation_reissued_check"),
        ),
        *_references("voucher_revocation", vendor_id="vendor", voucher_id="voucher", by_id="user"),
        sa.PrimaryKeyConstraint("id", name=op.f("voucher_revocation_pkey")),
        sa.UniqueConstraint(
            "voucher_id", "generation", name=op.f("voucher_revocation_voucher_id_generation_key")
        ),
    )
    op.execute(
        "ALTER TABLE voucher_revocation ADD COLUMN changed_xid xid8 NOT NULL"
        " DEFAULT pg_current_xact_id()"
    )
    op.create_index(op.f("voucher_revocation_by_id_idx"), "voucher_revocation", ["by_id"])
    op.create_index(
        "voucher_revocation_changed_xid_idx",
        "voucher_revocation",
        ["vendor_id", "changed_xid", "id"],
    )


def _references(table: str, **columns: str) -> list[sa.ForeignKeyConstraint]:
    return [
        sa.ForeignKeyConstraint(
            [column],
            [f"{parent}.id"],
            name=op.f(f"{table}_{column}_fkey"),
            initially="DEFERRED",
            deferrable=True,
        )
        for column, parent in columns.items()
    ]


def downgrade() -> None:
    op.drop_table("voucher_revocation")
    op.drop_table("voucher_gift")
    op.drop_index("redemption_approved_key", "redemption")
    op.create_index(
        "redemption_approved_key",
        "redemption",
        ["voucher_id"],
        unique=True,
        postgresql_where=sa.text("outcome = 'APPROVED'"),
    )
    for name in ("reversed_at", "reversed_by_id", "reverse_reason"):
        op.drop_column("redemption", name)
    op.drop_index("voucher_holder_number_key", "voucher")
    op.drop_index("voucher_claim_number_key", "voucher")
    op.create_index(
        "voucher_claim_number_key",
        "voucher",
        ["offer_id", "user_id", "claim_number"],
        unique=True,
        postgresql_where=NOT_CANCELLED,
    )
    op.drop_constraint(op.f("voucher_generation_check"), "voucher")
    for name in ("giver_id", "holder_number", "uses"):
        op.drop_column("voucher", name)
