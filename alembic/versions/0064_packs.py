"""Packs, their grants and subscriptions, and promotional money that ends."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0064"
down_revision = "0063"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "pack",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("title", postgresql.JSONB(none_as_null=True), nullable=False),
        sa.Column("unit", sa.String(40), nullable=False),
        sa.Column("quota", sa.Integer(), nullable=False),
        sa.Column("period_days", sa.Integer(), nullable=False),
        sa.Column(
            "state",
            sa.Enum(
                "ACTIVE",
                "RETIRED",
                name="packstate",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.CheckConstraint("jsonb_typeof(title) = 'object'", name=op.f("pack_title_check")),
        sa.CheckConstraint("period_days BETWEEN 14 AND 366", name=op.f("pack_period_days_check")),
        sa.CheckConstraint("quota BETWEEN 1 AND 1000000", name=op.f("pack_quota_check")),
        sa.PrimaryKeyConstraint("id", name=op.f("pack_pkey")),
    )
    op.create_index("pack_state_idx", "pack", ["state", "created_at", "id"], unique=False)
    op.create_table(
        "pack_price",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("pack_id", sa.Uuid(), nullable=False),
        sa.Column("currency", sa.String(3), nullable=False),
        sa.Column("net", sa.BigInteger(), nullable=False),
        sa.Column("tax_bps", sa.Integer(), nullable=False),
        sa.CheckConstraint("currency ~ '^[A-Z]{3}$'", name=op.f("pack_price_currency_check")),
        sa.CheckConstraint("net BETWEEN 1 AND 1000000000000", name=op.f("pack_price_net_check")),
        sa.CheckConstraint("tax_bps BETWEEN 0 AND 10000", name=op.f("pack_price_tax_bps_check")),
        sa.ForeignKeyConstraint(
            ["pack_id"],
            ["pack.id"],
            name=op.f("pack_price_pack_id_fkey"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pack_price_pkey")),
        sa.UniqueConstraint("pack_id", "currency", name=op.f("pack_price_pack_id_currency_key")),
    )
    op.create_table(
        "pack_grant",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("vendor_id", sa.Uuid(), nullable=False),
        sa.Column("purchase_id", sa.Uuid(), nullable=False),
        sa.Column("pack_id", sa.Uuid(), nullable=False),
        sa.Column("unit", sa.String(40), nullable=False),
        sa.Column("granted", sa.Integer(), nullable=False),
        sa.Column("used", sa.Integer(), nullable=False),
        sa.Column("currency", sa.String(3), nullable=False),
        sa.Column("net", sa.BigInteger(), nullable=False),
        sa.Column("earned", sa.BigInteger(), nullable=False),
        sa.Column("starts_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ends_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("earned BETWEEN 0 AND net", name=op.f("pack_grant_earned_check")),
        sa.CheckConstraint(
            "ended_at IS NULL OR earned = net", name=op.f("pack_grant_ended_at_check")
        ),
        sa.CheckConstraint("granted BETWEEN 1 AND 1000000", name=op.f("pack_grant_granted_check")),
        sa.CheckConstraint("starts_at < ends_at", name=op.f("pack_grant_ends_at_check")),
        sa.CheckConstraint("used BETWEEN 0 AND granted", name=op.f("pack_grant_used_check")),
        sa.ForeignKeyConstraint(
            ["pack_id"],
            ["pack.id"],
            name=op.f("pack_grant_pack_id_fkey"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.ForeignKeyConstraint(
            ["purchase_id"],
            ["purchase.id"],
            name=op.f("pack_grant_purchase_id_fkey"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.ForeignKeyConstraint(
            ["vendor_id"],
            ["vendor.id"],
            name=op.f("pack_grant_vendor_id_fkey"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pack_grant_pkey")),
        sa.UniqueConstraint("purchase_id", name=op.f("pack_grant_purchase_id_key")),
    )
    op.create_index(
        "pack_grant_ends_at_idx",
        "pack_grant",
        ["ends_at"],
        unique=False,
        postgresql_where=sa.text("ended_at IS NULL"),
    )
    op.create_index(
        "pack_grant_open_idx",
        "pack_grant",
        ["vendor_id", "unit", "ends_at"],
        unique=False,
        postgresql_where=sa.text("ended_at IS NULL"),
    )
    op.create_index(op.f("pack_grant_pack_id_idx"), "pack_grant", ["pack_id"], unique=False)
    op.create_index(
        "pack_grant_vendor_id_idx", "pack_grant", ["vendor_id", "created_at", "id"], unique=False
    )
    op.create_table(
        "pack_rule",
        sa.Column("vendor_id", sa.Uuid(), nullable=False),
        sa.Column("required", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(
            ["vendor_id"],
            ["vendor.id"],
            name=op.f("pack_rule_vendor_id_fkey"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.PrimaryKeyConstraint("vendor_id", name=op.f("pack_rule_pkey")),
    )
    op.create_table(
        "pack_subscription",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("vendor_id", sa.Uuid(), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("pack_id", sa.Uuid(), nullable=False),
        sa.Column("unit", sa.String(40), nullable=False),
        sa.Column("period_days", sa.Integer(), nullable=False),
        sa.Column("currency", sa.String(3), nullable=False),
        sa.Column("net", sa.BigInteger(), nullable=False),
        sa.Column("tax_bps", sa.Integer(), nullable=False),
        sa.Column("next_pack_id", sa.Uuid(), nullable=True),
        sa.Column("next_net", sa.BigInteger(), nullable=True),
        sa.Column("next_tax_bps", sa.Integer(), nullable=True),
        sa.Column("provider", sa.String(40), nullable=False),
        sa.Column("method_id", sa.Uuid(), nullable=True),
        sa.Column(
            "state",
            sa.Enum(
                "ACTIVE",
                "PAST_DUE",
                "CANCELLED",
                name="packsubscriptionstate",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("renews_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("announced_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("retry_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column(
            "ends_with_period", sa.Boolean(), server_default=sa.text("false"), nullable=False
        ),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "(provider = 'WALLET') = (method_id IS NULL)",
            name=op.f("pack_subscription_method_id_check"),
        ),
        sa.CheckConstraint(
            "(state = 'CANCELLED') = (ended_at IS NOT NULL)",
            name=op.f("pack_subscription_ended_at_check"),
        ),
        sa.CheckConstraint(
            "retry_at IS NULL OR state = 'PAST_DUE'", name=op.f("pack_subscription_retry_at_check")
        ),
        sa.CheckConstraint(
            "failures BETWEEN 0 AND 5", name=op.f("pack_subscription_failures_check")
        ),
        sa.CheckConstraint(
            "net BETWEEN 1 AND 1000000000000", name=op.f("pack_subscription_net_check")
        ),
        sa.CheckConstraint(
            "num_nonnulls(next_pack_id, next_net, next_tax_bps) IN (0, 3)",
            name=op.f("pack_subscription_next_pack_id_check"),
        ),
        sa.CheckConstraint("period_days > 0", name=op.f("pack_subscription_period_days_check")),
        sa.CheckConstraint(
            "tax_bps BETWEEN 0 AND 10000", name=op.f("pack_subscription_tax_bps_check")
        ),
        sa.ForeignKeyConstraint(
            ["next_pack_id"],
            ["pack.id"],
            name=op.f("pack_subscription_next_pack_id_fkey"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.ForeignKeyConstraint(
            ["pack_id"],
            ["pack.id"],
            name=op.f("pack_subscription_pack_id_fkey"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.ForeignKeyConstraint(
            ["user_id"],
            ["user.id"],
            name=op.f("pack_subscription_user_id_fkey"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.ForeignKeyConstraint(
            ["vendor_id"],
            ["vendor.id"],
            name=op.f("pack_subscription_vendor_id_fkey"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pack_subscription_pkey")),
    )
    op.create_index(
        op.f("pack_subscription_next_pack_id_idx"),
        "pack_subscription",
        ["next_pack_id"],
        unique=False,
    )
    op.create_index(
        "pack_subscription_open_key",
        "pack_subscription",
        ["vendor_id", "unit"],
        unique=True,
        postgresql_where=sa.text("state <> 'CANCELLED'"),
    )
    op.create_index(
        op.f("pack_subscription_pack_id_idx"), "pack_subscription", ["pack_id"], unique=False
    )
    op.create_index(
        "pack_subscription_renews_at_idx",
        "pack_subscription",
        ["renews_at"],
        unique=False,
        postgresql_where=sa.text("state = 'ACTIVE'"),
    )
    op.create_index(
        "pack_subscription_retry_at_idx",
        "pack_subscription",
        ["retry_at"],
        unique=False,
        postgresql_where=sa.text("retry_at IS NOT NULL"),
    )
    op.create_index(
        op.f("pack_subscription_user_id_idx"), "pack_subscription", ["user_id"], unique=False
    )
    op.create_index(
        "pack_subscription_vendor_id_idx",
        "pack_subscription",
        ["vendor_id", "created_at", "id"],
        unique=False,
    )
    op.create_table(
        "promo_money",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("owner_id", sa.Uuid(), nullable=False),
        sa.Column("currency", sa.String(3), nullable=False),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.Column("remaining", sa.BigInteger(), nullable=False),
        sa.Column("ends_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("reminded_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("adjustment_id", sa.Uuid(), nullable=True),
        sa.CheckConstraint("currency ~ '^[A-Z]{3}$'", name=op.f("promo_money_currency_check")),
        sa.CheckConstraint(
            "amount BETWEEN 1 AND 1000000000000000", name=op.f("promo_money_amount_check")
        ),
        sa.CheckConstraint(
            "remaining BETWEEN 0 AND amount AND (ended_at IS NULL OR remaining = 0)",
            name=op.f("promo_money_remaining_check"),
        ),
        sa.ForeignKeyConstraint(
            ["adjustment_id"],
            ["ledger_adjustment.id"],
            name=op.f("promo_money_adjustment_id_fkey"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("promo_money_pkey")),
        sa.UniqueConstraint("adjustment_id", name=op.f("promo_money_adjustment_id_key")),
    )
    op.create_index(
        "promo_money_ends_at_idx",
        "promo_money",
        ["ends_at"],
        unique=False,
        postgresql_where=sa.text("remaining > 0"),
    )
    op.create_index(
        "promo_money_open_idx",
        "promo_money",
        ["owner_id", "currency", "ends_at"],
        unique=False,
        postgresql_where=sa.text("remaining > 0"),
    )
    op.create_table(
        "pack_period",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("pack_subscription_id", sa.Uuid(), nullable=False),
        sa.Column("starts_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ends_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "RENEWAL",
                "UPGRADE",
                name="periodkind",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("purchase_id", sa.Uuid(), nullable=False),
        sa.Column("net", sa.BigInteger(), nullable=False),
        sa.Column("tax_bps", sa.Integer(), nullable=False),
        sa.Column("credit", sa.BigInteger(), nullable=False),
        sa.CheckConstraint(
            "credit >= 0 AND credit < net AND (credit = 0 OR kind = 'UPGRADE')",
            name=op.f("pack_period_credit_check"),
        ),
        sa.CheckConstraint("starts_at < ends_at", name=op.f("pack_period_ends_at_check")),
        sa.CheckConstraint("tax_bps BETWEEN 0 AND 10000", name=op.f("pack_period_tax_bps_check")),
        sa.ForeignKeyConstraint(
            ["pack_subscription_id"],
            ["pack_subscription.id"],
            name=op.f("pack_period_pack_subscription_id_fkey"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.ForeignKeyConstraint(
            ["purchase_id"],
            ["purchase.id"],
            name=op.f("pack_period_purchase_id_fkey"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pack_period_pkey")),
        sa.UniqueConstraint(
            "pack_subscription_id",
            "starts_at",
            name=op.f("pack_period_pack_subscription_id_starts_at_key"),
        ),
    )
    op.create_index("pack_period_purchase_id_key", "pack_period", ["purchase_id"], unique=True)
    op.create_table(
        "promo_money_use",
        sa.Column("promo_money_id", sa.Uuid(), nullable=False),
        sa.Column("subject_id", sa.Uuid(), nullable=False),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.Column("returned", sa.BigInteger(), nullable=False),
        sa.CheckConstraint(
            "amount > 0 AND returned BETWEEN 0 AND amount",
            name=op.f("promo_money_use_amount_check"),
        ),
        sa.ForeignKeyConstraint(
            ["promo_money_id"],
            ["promo_money.id"],
            name=op.f("promo_money_use_promo_money_id_fkey"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.PrimaryKeyConstraint("promo_money_id", "subject_id", name=op.f("promo_money_use_pkey")),
    )
    op.create_index(
        "promo_money_use_subject_id_idx", "promo_money_use", ["subject_id"], unique=False
    )
    op.create_table(
        "quota_use",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("pack_grant_id", sa.Uuid(), nullable=False),
        sa.Column("subject_id", sa.Uuid(), nullable=False),
        sa.Column("quantity", sa.Integer(), nullable=False),
        sa.CheckConstraint("quantity BETWEEN 1 AND 1000000", name=op.f("quota_use_quantity_check")),
        sa.ForeignKeyConstraint(
            ["pack_grant_id"],
            ["pack_grant.id"],
            name=op.f("quota_use_pack_grant_id_fkey"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("quota_use_pkey")),
        sa.UniqueConstraint(
            "pack_grant_id", "subject_id", name=op.f("quota_use_pack_grant_id_subject_id_key")
        ),
    )
    op.create_index("quota_use_subject_id_idx", "quota_use", ["subject_id"], unique=False)
    op.execute(
        "CREATE TRIGGER quota_use_append_only BEFORE UPDATE OR DELETE ON quota_use"
        " FOR EACH ROW EXECUTE FUNCTION refuse_truncate()"
    )
    op.execute(
        "CREATE TRIGGER quota_use_refuse_truncate BEFORE TRUNCATE ON quota_use"
        " FOR EACH STATEMENT EXECUTE FUNCTION refuse_truncate()"
    )
    op.add_column("ledger_adjustment", sa.Column("valid_days", sa.Integer(), nullable=True))
    op.create_check_constraint(
        op.f("ledger_adjustment_valid_days_check"),
        "ledger_adjustment",
        "valid_days IS NULL OR (valid_days BETWEEN 1 AND 730 AND credit = 'WALLET_PROMO')",
    )


def downgrade() -> None:
    op.drop_constraint(
        op.f("ledger_adjustment_valid_days_check"), "ledger_adjustment", type_="check"
    )
    op.drop_column("ledger_adjustment", "valid_days")
    op.drop_index("quota_use_subject_id_idx", table_name="quota_use")
    op.drop_table("quota_use")
    op.drop_index("promo_money_use_subject_id_idx", table_name="promo_money_use")
    op.drop_table("promo_money_use")
    op.drop_index("pack_period_purchase_id_key", table_name="pack_period")
    op.drop_table("pack_period")
    op.drop_index(
        "promo_money_open_idx", table_name="promo_money", postgresql_where=sa.text("remaining > 0")
    )
    op.drop_index(
        "promo_money_ends_at_idx",
        table_name="promo_money",
        postgresql_where=sa.text("remaining > 0"),
    )
    op.drop_table("promo_money")
    op.drop_index("pack_subscription_vendor_id_idx", table_name="pack_subscription")
    op.drop_index(op.f("pack_subscription_user_id_idx"), table_name="pack_subscription")
    op.drop_index(
        "pack_subscription_retry_at_idx",
        table_name="pack_subscription",
        postgresql_where=sa.text("retry_at IS NOT NULL"),
    )
    op.drop_index(
        "pack_subscription_renews_at_idx",
        table_name="pack_subscription",
        postgresql_where=sa.text("state = 'ACTIVE'"),
    )
    op.drop_index(op.f("pack_subscription_pack_id_idx"), table_name="pack_subscription")
    op.drop_index(
        "pack_subscription_open_key",
        table_name="pack_subscription",
        postgresql_where=sa.text("state <> 'CANCELLED'"),
    )
    op.drop_index(op.f("pack_subscription_next_pack_id_idx"), table_name="pack_subscription")
    op.drop_table("pack_subscription")
    op.drop_table("pack_rule")
    op.drop_index("pack_grant_vendor_id_idx", table_name="pack_grant")
    op.drop_index(op.f("pack_grant_pack_id_idx"), table_name="pack_grant")
    op.drop_index(
        "pack_grant_open_idx", table_name="pack_grant", postgresql_where=sa.text("ended_at IS NULL")
    )
    op.drop_index(
        "pack_grant_ends_at_idx",
        table_name="pack_grant",
        postgresql_where=sa.text("ended_at IS NULL"),
    )
    op.drop_table("pack_grant")
    op.drop_table("pack_price")
    op.drop_index("pack_state_idx", table_name="pack")
    op.drop_table("pack")
