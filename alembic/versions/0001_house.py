"""Every table of the slice from a published offer to a redeemed voucher."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from models.journal import Xid8
from models.offers.offers import Cube

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


TABLES = (
    "category",
    "idempotency_key",
    "journal_entry",
    "topic",
    "user",
    "notification",
    "user_session",
    "vendor",
    "offer",
    "refresh_token",
    "vendor_member",
    "offer_like",
    "voucher",
    "redemption",
)
EXTENSIONS = ("citext", "cube", "earthdistance", "pg_trgm")


def upgrade() -> None:
    for extension in EXTENSIONS:
        op.execute(f"CREATE EXTENSION IF NOT EXISTS {extension}")
    op.create_table(
        "category",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("slug", sa.String(), nullable=False),
        sa.Column("path", sa.String(), nullable=False),
        sa.Column(
            "name", postgresql.JSONB(none_as_null=True, astext_type=sa.Text()), nullable=False
        ),
        sa.Column("parent_id", sa.Uuid(), nullable=True),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "path LIKE '%' || slug || '/'", name=op.f("category_path_ends_in_slug_check")
        ),
        sa.ForeignKeyConstraint(
            ["parent_id"],
            ["category.id"],
            name="category_parent_id_fkey",
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.PrimaryKeyConstraint("id", name="category_pkey"),
        sa.UniqueConstraint("path", name="category_path_key"),
    )
    op.create_index("category_parent_id_idx", "category", ["parent_id"], unique=False)
    op.create_index(
        "category_path_idx",
        "category",
        ["path"],
        unique=False,
        postgresql_ops={"path": "text_pattern_ops"},
    )
    op.create_table(
        "idempotency_key",
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("operation", sa.String(), nullable=False),
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("input_hash", sa.LargeBinary(), nullable=False),
        sa.Column(
            "result", postgresql.JSONB(none_as_null=True, astext_type=sa.Text()), nullable=True
        ),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("user_id", "operation", "key", name="idempotency_key_pkey"),
    )
    op.create_index(
        "idempotency_key_created_at_idx", "idempotency_key", ["created_at"], unique=False
    )
    op.create_table(
        "journal_entry",
        sa.Column("topic", sa.Text(collation="C"), nullable=False),
        sa.Column("seq", sa.BigInteger(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column(
            "facts", postgresql.JSONB(none_as_null=True, astext_type=sa.Text()), nullable=False
        ),
        sa.Column("xid", Xid8(), server_default=sa.text("pg_current_xact_id()"), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("topic", "seq", name="journal_entry_pkey"),
    )
    op.create_index("journal_entry_created_at_idx", "journal_entry", ["created_at"], unique=False)
    op.create_index("journal_entry_xid_idx", "journal_entry", ["xid"], unique=False)
    op.create_table(
        "topic",
        sa.Column("topic", sa.Text(collation="C"), nullable=False),
        sa.Column("seq", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("topic", name="topic_pkey"),
    )
    op.create_table(
        "user",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("email", postgresql.CITEXT(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("password_hash", sa.String(), nullable=False),
        sa.Column(
            "role",
            sa.Enum(
                "USER", "ADMIN", name="role", native_enum=False, create_constraint=True, length=20
            ),
            nullable=False,
        ),
        sa.PrimaryKeyConstraint("id", name="user_pkey"),
        sa.UniqueConstraint("email", name="user_email_key"),
    )
    op.create_table(
        "notification",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "VOUCHER_REDEEMED",
                name="notificationkind",
                native_enum=False,
                create_constraint=True,
                length=20,
            ),
            nullable=False,
        ),
        sa.Column("subject_id", sa.Uuid(), nullable=False),
        sa.Column("mailed_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["user_id"],
            ["user.id"],
            name="notification_user_id_fkey",
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.PrimaryKeyConstraint("id", name="notification_pkey"),
        sa.UniqueConstraint("kind", "subject_id", name="notification_kind_subject_id_key"),
    )
    op.create_index("notification_user_id_idx", "notification", ["user_id"], unique=False)
    op.create_table(
        "user_session",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["user_id"],
            ["user.id"],
            name="user_session_user_id_fkey",
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.PrimaryKeyConstraint("id", name="user_session_pkey"),
    )
    op.create_index("user_session_user_id_idx", "user_session", ["user_id"], unique=False)
    op.create_table(
        "vendor",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column(
            "description",
            postgresql.JSONB(none_as_null=True, astext_type=sa.Text()),
            nullable=False,
        ),
        sa.Column("category_id", sa.Uuid(), nullable=False),
        sa.Column(
            "status",
            sa.Enum(
                "PENDING",
                "APPROVED",
                "SUSPENDED",
                "REJECTED",
                name="vendorstatus",
                native_enum=False,
                create_constraint=True,
                length=20,
            ),
            nullable=False,
        ),
        sa.Column("locale", sa.String(length=16), nullable=False),
        sa.Column("country", sa.String(length=2), nullable=False),
        sa.Column("city", sa.String(length=80), nullable=False),
        sa.Column("pin_code", sa.String(length=12), nullable=False),
        sa.Column("latitude", sa.Float(), nullable=False),
        sa.Column("longitude", sa.Float(), nullable=False),
        sa.Column("time_zone", sa.String(length=64), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("search_text", sa.String(), nullable=False),
        sa.CheckConstraint("latitude BETWEEN -90 AND 90", name=op.f("vendor_latitude_check")),
        sa.CheckConstraint("longitude BETWEEN -180 AND 180", name=op.f("vendor_longitude_check")),
        sa.ForeignKeyConstraint(
            ["category_id"],
            ["category.id"],
            name="vendor_category_id_fkey",
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.PrimaryKeyConstraint("id", name="vendor_pkey"),
    )
    op.create_index("vendor_category_id_idx", "vendor", ["category_id"], unique=False)
    op.create_index("vendor_country_pin_code_idx", "vendor", ["country", "pin_code"], unique=False)
    op.create_index(
        "vendor_search_idx",
        "vendor",
        ["search_text"],
        unique=False,
        postgresql_using="gin",
        postgresql_ops={"search_text": "gin_trgm_ops"},
    )
    op.create_index("vendor_status_name_idx", "vendor", ["status", "name", "id"], unique=False)
    op.create_table(
        "offer",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("vendor_id", sa.Uuid(), nullable=False),
        sa.Column("category_id", sa.Uuid(), nullable=False),
        sa.Column(
            "state",
            sa.Enum(
                "DRAFT",
                "PUBLISHED",
                "PAUSED",
                "EXPIRED",
                "ARCHIVED",
                name="offerstate",
                native_enum=False,
                create_constraint=True,
                length=20,
            ),
            nullable=False,
        ),
        sa.Column("locale", sa.String(length=16), nullable=False),
        sa.Column(
            "title", postgresql.JSONB(none_as_null=True, astext_type=sa.Text()), nullable=False
        ),
        sa.Column(
            "description",
            postgresql.JSONB(none_as_null=True, astext_type=sa.Text()),
            nullable=False,
        ),
        sa.Column(
            "terms", postgresql.JSONB(none_as_null=True, astext_type=sa.Text()), nullable=False
        ),
        sa.Column(
            "discount_kind",
            sa.Enum(
                "PERCENT",
                "AMOUNT",
                "BUY_GET",
                "FREE_ITEM",
                name="discountkind",
                native_enum=False,
                create_constraint=True,
                length=20,
            ),
            nullable=False,
        ),
        sa.Column("percent", sa.Integer(), nullable=True),
        sa.Column("amount_minor", sa.BigInteger(), nullable=True),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("buy", sa.Integer(), nullable=True),
        sa.Column("get", sa.Integer(), nullable=True),
        sa.Column(
            "free_item", postgresql.JSONB(none_as_null=True, astext_type=sa.Text()), nullable=True
        ),
        sa.Column("capacity", sa.Integer(), nullable=True),
        sa.Column("claimed", sa.Integer(), nullable=False),
        sa.Column("per_user_limit", sa.Integer(), nullable=False),
        sa.Column("starts_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ends_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("published_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("country", sa.String(length=2), nullable=False),
        sa.Column("pin_codes", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column("latitude", sa.Float(), nullable=False),
        sa.Column("longitude", sa.Float(), nullable=False),
        sa.Column(
            "position",
            Cube(),
            sa.Computed("ll_to_earth(latitude, longitude)", persisted=True),
            nullable=True,
        ),
        sa.Column("search_text", sa.String(), nullable=False),
        sa.CheckConstraint(
            """CASE discount_kind
            WHEN 'PERCENT' THEN percent BETWEEN 1 AND 100
                AND num_nonnulls(amount_minor, buy, get, free_item) = 0
            WHEN 'AMOUNT' THEN amount_minor > 0
                AND num_nonnulls(percent, buy, get, free_item) = 0
            WHEN 'BUY_GET' THEN buy BETWEEN 1 AND 100 AND get BETWEEN 1 AND 100
                AND num_nonnulls(percent, amount_minor, free_item) = 0
            WHEN 'FREE_ITEM' THEN free_item IS NOT NULL
                AND num_nonnulls(percent, amount_minor, buy, get) = 0
            END IS TRUE""",
            name=op.f("offer_discount_check"),
        ),
        sa.CheckConstraint(
            "capacity BETWEEN 1 AND 1000000", name=op.f("offer_capacity_range_check")
        ),
        sa.CheckConstraint("cardinality(pin_codes) <= 100", name=op.f("offer_pin_codes_check")),
        sa.CheckConstraint(
            "claimed BETWEEN 0 AND coalesce(capacity, claimed)", name=op.f("offer_capacity_check")
        ),
        sa.CheckConstraint("latitude BETWEEN -90 AND 90", name=op.f("offer_latitude_check")),
        sa.CheckConstraint("longitude BETWEEN -180 AND 180", name=op.f("offer_longitude_check")),
        sa.CheckConstraint(
            "per_user_limit BETWEEN 1 AND 20", name=op.f("offer_per_user_limit_check")
        ),
        sa.CheckConstraint("starts_at < ends_at", name=op.f("offer_window_check")),
        sa.ForeignKeyConstraint(
            ["category_id"],
            ["category.id"],
            name="offer_category_id_fkey",
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.ForeignKeyConstraint(
            ["vendor_id"],
            ["vendor.id"],
            name="offer_vendor_id_fkey",
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.PrimaryKeyConstraint("id", name="offer_pkey"),
    )
    op.create_index(
        "offer_category_id_idx", "offer", ["category_id", "created_at", "id"], unique=False
    )
    op.create_index(
        "offer_pin_codes_idx", "offer", ["pin_codes"], unique=False, postgresql_using="gin"
    )
    op.create_index(
        "offer_position_idx", "offer", ["position"], unique=False, postgresql_using="gist"
    )
    op.create_index(
        "offer_search_idx",
        "offer",
        ["search_text"],
        unique=False,
        postgresql_using="gin",
        postgresql_ops={"search_text": "gin_trgm_ops"},
    )
    op.create_index(
        "offer_state_created_at_idx", "offer", ["state", "created_at", "id"], unique=False
    )
    op.create_index("offer_state_ends_at_idx", "offer", ["state", "ends_at", "id"], unique=False)
    op.create_index("offer_vendor_id_idx", "offer", ["vendor_id", "created_at", "id"], unique=False)
    op.create_table(
        "refresh_token",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("session_id", sa.Uuid(), nullable=False),
        sa.Column("token_hash", sa.LargeBinary(), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("used_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["session_id"],
            ["user_session.id"],
            name="refresh_token_session_id_fkey",
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.PrimaryKeyConstraint("id", name="refresh_token_pkey"),
        sa.UniqueConstraint("token_hash", name="refresh_token_token_hash_key"),
    )
    op.create_index("refresh_token_session_id_idx", "refresh_token", ["session_id"], unique=False)
    op.create_table(
        "vendor_member",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("vendor_id", sa.Uuid(), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column(
            "role",
            sa.Enum(
                "OWNER",
                "MANAGER",
                "STAFF",
                "SCANNER",
                name="memberrole",
                native_enum=False,
                create_constraint=True,
                length=20,
            ),
            nullable=False,
        ),
        sa.ForeignKeyConstraint(
            ["user_id"],
            ["user.id"],
            name="vendor_member_user_id_fkey",
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.ForeignKeyConstraint(
            ["vendor_id"],
            ["vendor.id"],
            name="vendor_member_vendor_id_fkey",
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.PrimaryKeyConstraint("id", name="vendor_member_pkey"),
        sa.UniqueConstraint("vendor_id", "user_id", name="vendor_member_vendor_id_user_id_key"),
    )
    op.create_index("vendor_member_user_id_idx", "vendor_member", ["user_id"], unique=False)
    op.create_table(
        "offer_like",
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("offer_id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["offer_id"],
            ["offer.id"],
            name="offer_like_offer_id_fkey",
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.ForeignKeyConstraint(
            ["user_id"],
            ["user.id"],
            name="offer_like_user_id_fkey",
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.PrimaryKeyConstraint("user_id", "offer_id", name="offer_like_pkey"),
    )
    op.create_index("offer_like_offer_id_idx", "offer_like", ["offer_id"], unique=False)
    op.create_table(
        "voucher",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("offer_id", sa.Uuid(), nullable=False),
        sa.Column("vendor_id", sa.Uuid(), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("claim_number", sa.Integer(), nullable=False),
        sa.Column("code", sa.String(length=11), nullable=False),
        sa.Column("token", sa.String(), nullable=False),
        sa.Column("generation", sa.Integer(), nullable=False),
        sa.Column(
            "state",
            sa.Enum(
                "CLAIMED",
                "REDEEMED",
                "EXPIRED",
                "CANCELLED",
                name="voucherstate",
                native_enum=False,
                create_constraint=True,
                length=20,
            ),
            nullable=False,
        ),
        sa.Column("starts_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("redeemed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("cancelled_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "(state = 'CANCELLED') = (cancelled_at IS NOT NULL)",
            name=op.f("voucher_cancelled_at_check"),
        ),
        sa.CheckConstraint(
            "(state = 'REDEEMED') = (redeemed_at IS NOT NULL)",
            name=op.f("voucher_redeemed_at_check"),
        ),
        sa.CheckConstraint(
            "claim_number BETWEEN 1 AND 20", name=op.f("voucher_claim_number_check")
        ),
        sa.ForeignKeyConstraint(
            ["offer_id"],
            ["offer.id"],
            name="voucher_offer_id_fkey",
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.ForeignKeyConstraint(
            ["user_id"],
            ["user.id"],
            name="voucher_user_id_fkey",
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.ForeignKeyConstraint(
            ["vendor_id"],
            ["vendor.id"],
            name="voucher_vendor_id_fkey",
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.PrimaryKeyConstraint("id", name="voucher_pkey"),
        sa.UniqueConstraint("code", name="voucher_code_key"),
    )
    op.create_index("voucher_offer_id_state_idx", "voucher", ["offer_id", "state"], unique=False)
    op.create_index(
        "voucher_claim_number_key",
        "voucher",
        ["offer_id", "user_id", "claim_number"],
        unique=True,
        postgresql_where=sa.text("state <> 'CANCELLED'"),
    )
    op.create_index("voucher_user_id_idx", "voucher", ["user_id", "created_at", "id"], unique=False)
    op.create_index("voucher_vendor_id_idx", "voucher", ["vendor_id"], unique=False)
    op.create_table(
        "redemption",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("vendor_id", sa.Uuid(), nullable=False),
        sa.Column("member_id", sa.Uuid(), nullable=False),
        sa.Column("voucher_id", sa.Uuid(), nullable=True),
        sa.Column(
            "outcome",
            sa.Enum(
                "APPROVED",
                "HELD",
                "BLOCKED",
                "REFUSED",
                name="redemptionoutcome",
                native_enum=False,
                create_constraint=True,
                length=20,
            ),
            nullable=False,
        ),
        sa.Column(
            "reason",
            sa.Enum(
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
                name="redemptionreason",
                native_enum=False,
                create_constraint=True,
                length=20,
            ),
            nullable=False,
        ),
        sa.Column("latitude", sa.Float(), nullable=True),
        sa.Column("longitude", sa.Float(), nullable=True),
        sa.Column("device_id", sa.String(length=100), nullable=True),
        sa.CheckConstraint(
            "(outcome = 'APPROVED') = (reason = 'APPROVED')",
            name=op.f("redemption_reason_fits_check"),
        ),
        sa.CheckConstraint("latitude BETWEEN -90 AND 90", name=op.f("redemption_latitude_check")),
        sa.CheckConstraint(
            "longitude BETWEEN -180 AND 180", name=op.f("redemption_longitude_check")
        ),
        sa.ForeignKeyConstraint(
            ["member_id"],
            ["user.id"],
            name="redemption_member_id_fkey",
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.ForeignKeyConstraint(
            ["vendor_id"],
            ["vendor.id"],
            name="redemption_vendor_id_fkey",
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.ForeignKeyConstraint(
            ["voucher_id"],
            ["voucher.id"],
            name="redemption_voucher_id_fkey",
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.PrimaryKeyConstraint("id", name="redemption_pkey"),
    )
    op.create_index(
        "redemption_approved_key",
        "redemption",
        ["voucher_id"],
        unique=True,
        postgresql_where=sa.text("outcome = 'APPROVED'"),
    )
    op.create_index("redemption_member_id_idx", "redemption", ["member_id"], unique=False)
    op.create_index(
        "redemption_vendor_id_idx", "redemption", ["vendor_id", "created_at", "id"], unique=False
    )
    op.create_index(
        "redemption_voucher_id_idx", "redemption", ["voucher_id", "created_at", "id"], unique=False
    )


def downgrade() -> None:
    for table in reversed(TABLES):
        op.drop_table(table)
