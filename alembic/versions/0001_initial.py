"""All business tables, and the extensions that their types and indexes need."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql
from sqlalchemy.types import UserDefinedType

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

EXTENSIONS = ("citext", "cube", "earthdistance", "pg_trgm")
TABLES = (  # in the order in which they are created
    "user",
    "user_session",
    "refresh_token",
    "api_token",
    "category",
    "vendor",
    "vendor_member",
    "offer",
    "offer_like",
    "voucher",
    "redemption",
    "upload",
    "contact",
    "conversation",
    "participant",
    "message",
    "message_version",
    "message_report",
    "inbox",
    "inbox_reader",
    "canned_reply",
    "chat_hours",
    "notification",
    "notification_inbox",
    "notification_preference",
    "quiet_hours",
    "device",
    "delivery",
    "topic",
    "journal_entry",
    "idempotency_key",
)
# Without accents, and with hyphenated words split into their parts.
SEARCHABLE_TEXT = (
    r"regexp_replace(regexp_replace(normalize(text, NFKD), '[\u0300-\u036f]', '', 'g'),"
    r" '(?<=\w)-(?=\w)', ' ', 'g')"
)


class CubeColumn(UserDefinedType[str]):
    cache_ok = True

    def get_col_spec(self, **_: object) -> str:
        return "cube"


class Xid8Column(UserDefinedType[str]):
    cache_ok = True

    def get_col_spec(self, **_: object) -> str:
        return "xid8"


def uuid(name: str, *, nullable: bool = False) -> sa.Column:
    return sa.Column(name, sa.Uuid(), nullable=nullable)


def timestamp(name: str, *, nullable: bool = False) -> sa.Column:
    return sa.Column(name, sa.DateTime(timezone=True), nullable=nullable)


def json(name: str, *, nullable: bool = False) -> sa.Column:
    return sa.Column(name, postgresql.JSONB(none_as_null=True), nullable=nullable)


def enum(column: str, name: str, *values: str, nullable: bool = False) -> sa.Column:
    """Return a text column whose values a CHECK named `<table>_<name>_check` restricts."""
    kind = sa.Enum(*values, name=name, native_enum=False, create_constraint=True, length=20)
    return sa.Column(column, kind, nullable=nullable)


def check(name: str, condition: str) -> sa.CheckConstraint:
    return sa.CheckConstraint(condition, name=op.f(name))


def foreign_key(
    name: str, columns: list[str], targets: list[str], *, ondelete: str | None = None
) -> sa.ForeignKeyConstraint:
    """Return a foreign key that is checked at commit."""
    return sa.ForeignKeyConstraint(
        columns, targets, name=name, ondelete=ondelete, deferrable=True, initially="DEFERRED"
    )


def upgrade() -> None:
    for extension in EXTENSIONS:
        op.execute(f"CREATE EXTENSION IF NOT EXISTS {extension}")
    create_identity()
    create_vendors()
    create_offers()
    create_redemptions()
    create_uploads()
    create_chat()
    create_notifications()
    create_journal()
    create_idempotency()


def create_identity() -> None:
    op.create_table(
        "user",
        uuid("id"),
        timestamp("created_at"),
        sa.Column("email", postgresql.CITEXT(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("password_hash", sa.String(), nullable=False),
        enum("role", "role", "USER", "ADMIN"),
        sa.PrimaryKeyConstraint("id", name="user_pkey"),
        sa.UniqueConstraint("email", name="user_email_key"),
    )
    op.create_table(
        "user_session",
        uuid("id"),
        timestamp("created_at"),
        uuid("user_id"),
        timestamp("ended_at", nullable=True),
        foreign_key("user_session_user_id_fkey", ["user_id"], ["user.id"]),
        sa.PrimaryKeyConstraint("id", name="user_session_pkey"),
    )
    op.create_index("user_session_user_id_idx", "user_session", ["user_id"])
    op.create_table(
        "refresh_token",
        uuid("id"),
        timestamp("created_at"),
        uuid("session_id"),
        sa.Column("token_hash", sa.LargeBinary(), nullable=False),
        timestamp("expires_at"),
        timestamp("used_at", nullable=True),
        foreign_key("refresh_token_session_id_fkey", ["session_id"], ["user_session.id"]),
        sa.PrimaryKeyConstraint("id", name="refresh_token_pkey"),
        sa.UniqueConstraint("token_hash", name="refresh_token_token_hash_key"),
    )
    op.create_index("refresh_token_session_id_idx", "refresh_token", ["session_id"])
    op.create_table(
        "api_token",
        uuid("id"),
        timestamp("created_at"),
        uuid("user_id"),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("prefix", sa.String(), nullable=False),
        sa.Column("token_hash", sa.LargeBinary(), nullable=False),
        sa.Column("scopes", postgresql.ARRAY(sa.String(20)), nullable=False),
        timestamp("expires_at", nullable=True),
        timestamp("last_used_at", nullable=True),
        timestamp("revoked_at", nullable=True),
        check("api_token_name_check", "char_length(name) BETWEEN 1 AND 80"),
        check(
            "api_token_scopes_check",
            "scopes <@ '{READ,WRITE}' AND cardinality(scopes) BETWEEN 1 AND 2",
        ),
        check("api_token_expires_at_check", "expires_at > created_at"),
        foreign_key("api_token_user_id_fkey", ["user_id"], ["user.id"]),
        sa.PrimaryKeyConstraint("id", name="api_token_pkey"),
        sa.UniqueConstraint("token_hash", name="api_token_token_hash_key"),
    )
    op.create_index("api_token_user_id_idx", "api_token", ["user_id"])


def create_vendors() -> None:
    op.create_table(
        "category",
        uuid("id"),
        timestamp("created_at"),
        sa.Column("slug", sa.String(), nullable=False),
        sa.Column("path", sa.String(), nullable=False),
        json("name"),
        uuid("parent_id", nullable=True),
        sa.Column("position", sa.Integer(), nullable=False),
        check("category_path_ends_in_slug_check", "path LIKE '%' || slug || '/'"),
        foreign_key("category_parent_id_fkey", ["parent_id"], ["category.id"]),
        sa.PrimaryKeyConstraint("id", name="category_pkey"),
        sa.UniqueConstraint("path", name="category_path_key"),
    )
    op.create_index("category_parent_id_idx", "category", ["parent_id"])
    op.create_index(
        "category_path_idx", "category", ["path"], postgresql_ops={"path": "text_pattern_ops"}
    )
    op.create_table(
        "vendor",
        uuid("id"),
        timestamp("created_at"),
        sa.Column("name", sa.String(120), nullable=False),
        json("description"),
        uuid("category_id"),
        enum("status", "vendorstatus", "PENDING", "APPROVED", "SUSPENDED", "REJECTED"),
        sa.Column("locale", sa.String(16), nullable=False),
        sa.Column("country", sa.String(2), nullable=False),
        sa.Column("city", sa.String(80), nullable=False),
        sa.Column("pin_code", sa.String(12), nullable=False),
        sa.Column("latitude", sa.Float(), nullable=False),
        sa.Column("longitude", sa.Float(), nullable=False),
        sa.Column("time_zone", sa.String(64), nullable=False),
        sa.Column("currency", sa.String(3), nullable=False),
        sa.Column("search_text", sa.String(), nullable=False),
        sa.Column("phone", sa.String(16)),
        sa.Column("website", sa.String(2000)),
        check("vendor_latitude_check", "latitude BETWEEN -90 AND 90"),
        check("vendor_longitude_check", "longitude BETWEEN -180 AND 180"),
        foreign_key("vendor_category_id_fkey", ["category_id"], ["category.id"]),
        sa.PrimaryKeyConstraint("id", name="vendor_pkey"),
    )
    op.create_index("vendor_category_id_idx", "vendor", ["category_id"])
    op.create_index("vendor_country_pin_code_idx", "vendor", ["country", "pin_code"])
    op.create_index(
        "vendor_search_idx",
        "vendor",
        ["search_text"],
        postgresql_using="gin",
        postgresql_ops={"search_text": "gin_trgm_ops"},
    )
    op.create_index("vendor_status_name_idx", "vendor", ["status", "name", "id"])
    op.create_table(
        "vendor_member",
        uuid("id"),
        timestamp("created_at"),
        uuid("vendor_id"),
        uuid("user_id"),
        enum("role", "memberrole", "OWNER", "MANAGER", "STAFF", "SCANNER"),
        foreign_key("vendor_member_user_id_fkey", ["user_id"], ["user.id"]),
        foreign_key("vendor_member_vendor_id_fkey", ["vendor_id"], ["vendor.id"]),
        sa.PrimaryKeyConstraint("id", name="vendor_member_pkey"),
        sa.UniqueConstraint("vendor_id", "user_id", name="vendor_member_vendor_id_user_id_key"),
    )
    op.create_index("vendor_member_user_id_idx", "vendor_member", ["user_id"])


def create_offers() -> None:
    op.create_table(
        "offer",
        uuid("id"),
        timestamp("created_at"),
        uuid("vendor_id"),
        uuid("category_id"),
        enum("state", "offerstate", "DRAFT", "PUBLISHED", "PAUSED", "EXPIRED", "ARCHIVED"),
        sa.Column("locale", sa.String(16), nullable=False),
        json("title"),
        json("description"),
        json("terms"),
        enum("discount_kind", "discountkind", "PERCENT", "AMOUNT", "BUY_GET", "FREE_ITEM"),
        sa.Column("percent", sa.Integer()),
        sa.Column("amount_minor", sa.BigInteger()),
        sa.Column("currency", sa.String(3), nullable=False),
        sa.Column("buy", sa.Integer()),
        sa.Column("get", sa.Integer()),
        json("free_item", nullable=True),
        sa.Column("capacity", sa.Integer()),
        sa.Column("claimed", sa.Integer(), nullable=False),
        sa.Column("per_user_limit", sa.Integer(), nullable=False),
        timestamp("starts_at"),
        timestamp("ends_at"),
        timestamp("published_at", nullable=True),
        sa.Column("country", sa.String(2), nullable=False),
        sa.Column("pin_codes", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column("latitude", sa.Float(), nullable=False),
        sa.Column("longitude", sa.Float(), nullable=False),
        sa.Column(
            "position",
            CubeColumn(),
            sa.Computed("ll_to_earth(latitude, longitude)", persisted=True),
        ),
        sa.Column("search_text", sa.String(), nullable=False),
        check(
            "offer_discount_check",
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
        ),
        check("offer_capacity_range_check", "capacity BETWEEN 1 AND 1000000"),
        check("offer_pin_codes_check", "cardinality(pin_codes) <= 100"),
        check("offer_capacity_check", "claimed BETWEEN 0 AND coalesce(capacity, claimed)"),
        check("offer_latitude_check", "latitude BETWEEN -90 AND 90"),
        check("offer_longitude_check", "longitude BETWEEN -180 AND 180"),
        check("offer_per_user_limit_check", "per_user_limit BETWEEN 1 AND 20"),
        check("offer_window_check", "starts_at < ends_at"),
        foreign_key("offer_category_id_fkey", ["category_id"], ["category.id"]),
        foreign_key("offer_vendor_id_fkey", ["vendor_id"], ["vendor.id"]),
        sa.PrimaryKeyConstraint("id", name="offer_pkey"),
    )
    op.create_index("offer_category_id_idx", "offer", ["category_id", "created_at", "id"])
    op.create_index("offer_pin_codes_idx", "offer", ["pin_codes"], postgresql_using="gin")
    op.create_index("offer_position_idx", "offer", ["position"], postgresql_using="gist")
    op.create_index(
        "offer_search_idx",
        "offer",
        ["search_text"],
        postgresql_using="gin",
        postgresql_ops={"search_text": "gin_trgm_ops"},
    )
    op.create_index("offer_state_created_at_idx", "offer", ["state", "created_at", "id"])
    op.create_index("offer_state_ends_at_idx", "offer", ["state", "ends_at", "id"])
    op.create_index("offer_vendor_id_idx", "offer", ["vendor_id", "created_at", "id"])
    op.create_table(
        "offer_like",
        uuid("user_id"),
        uuid("offer_id"),
        timestamp("created_at"),
        foreign_key("offer_like_offer_id_fkey", ["offer_id"], ["offer.id"]),
        foreign_key("offer_like_user_id_fkey", ["user_id"], ["user.id"]),
        sa.PrimaryKeyConstraint("user_id", "offer_id", name="offer_like_pkey"),
    )
    op.create_index("offer_like_offer_id_idx", "offer_like", ["offer_id"])


def create_redemptions() -> None:
    op.create_table(
        "voucher",
        uuid("id"),
        timestamp("created_at"),
        uuid("offer_id"),
        uuid("vendor_id"),
        uuid("user_id"),
        sa.Column("claim_number", sa.Integer(), nullable=False),
        sa.Column("code", sa.String(11), nullable=False),
        sa.Column("token", sa.String(), nullable=False),
        sa.Column("generation", sa.Integer(), nullable=False),
        enum("state", "voucherstate", "CLAIMED", "REDEEMED", "EXPIRED", "CANCELLED"),
        timestamp("starts_at"),
        timestamp("expires_at"),
        timestamp("redeemed_at", nullable=True),
        timestamp("cancelled_at", nullable=True),
        check("voucher_cancelled_at_check", "(state = 'CANCELLED') = (cancelled_at IS NOT NULL)"),
        check("voucher_redeemed_at_check", "(state = 'REDEEMED') = (redeemed_at IS NOT NULL)"),
        check("voucher_claim_number_check", "claim_number BETWEEN 1 AND 20"),
        foreign_key("voucher_offer_id_fkey", ["offer_id"], ["offer.id"]),
        foreign_key("voucher_user_id_fkey", ["user_id"], ["user.id"]),
        foreign_key("voucher_vendor_id_fkey", ["vendor_id"], ["vendor.id"]),
        sa.PrimaryKeyConstraint("id", name="voucher_pkey"),
        sa.UniqueConstraint("code", name="voucher_code_key"),
    )
    op.create_index("voucher_offer_id_state_idx", "voucher", ["offer_id", "state"])
    op.create_index(
        "voucher_claim_number_key",
        "voucher",
        ["offer_id", "user_id", "claim_number"],
        unique=True,
        postgresql_where=sa.text("state <> 'CANCELLED'"),
    )
    op.create_index("voucher_user_id_idx", "voucher", ["user_id", "created_at", "id"])
    op.create_index("voucher_vendor_id_idx", "voucher", ["vendor_id"])
    op.create_table(
        "redemption",
        uuid("id"),
        timestamp("created_at"),
        uuid("vendor_id"),
        uuid("member_id"),
        uuid("voucher_id", nullable=True),
        enum("outcome", "redemptionoutcome", "APPROVED", "HELD", "BLOCKED", "REFUSED"),
        enum(
            "reason",
            "redemptionreason",
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
        ),
        sa.Column("latitude", sa.Float()),
        sa.Column("longitude", sa.Float()),
        sa.Column("device_id", sa.String(100)),
        check("redemption_reason_fits_check", "(outcome = 'APPROVED') = (reason = 'APPROVED')"),
        check("redemption_latitude_check", "latitude BETWEEN -90 AND 90"),
        check("redemption_longitude_check", "longitude BETWEEN -180 AND 180"),
        foreign_key("redemption_member_id_fkey", ["member_id"], ["user.id"]),
        foreign_key("redemption_vendor_id_fkey", ["vendor_id"], ["vendor.id"]),
        foreign_key("redemption_voucher_id_fkey", ["voucher_id"], ["voucher.id"]),
        sa.PrimaryKeyConstraint("id", name="redemption_pkey"),
    )
    op.create_index(
        "redemption_approved_key",
        "redemption",
        ["voucher_id"],
        unique=True,
        postgresql_where=sa.text("outcome = 'APPROVED'"),
    )
    op.create_index("redemption_member_id_idx", "redemption", ["member_id"])
    op.create_index("redemption_vendor_id_idx", "redemption", ["vendor_id", "created_at", "id"])
    op.create_index("redemption_voucher_id_idx", "redemption", ["voucher_id", "created_at", "id"])


def create_uploads() -> None:
    op.create_table(
        "upload",
        uuid("id"),
        timestamp("created_at"),
        uuid("user_id"),
        enum("purpose", "uploadpurpose", "CHAT"),
        enum("state", "uploadstate", "PENDING", "READY", "REFUSED"),
        sa.Column("file_name", sa.String(200), nullable=False),
        sa.Column("content_type", sa.String(100), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("width", sa.Integer()),
        sa.Column("height", sa.Integer()),
        sa.Column("key", sa.String(200)),
        enum(
            "rejection_reason",
            "uploadrejectionreason",
            "SIZE",
            "TOO_LARGE",
            "TYPE",
            "AMBIGUOUS",
            "DAMAGED",
            "PIXELS",
            nullable=True,
        ),
        timestamp("expires_at"),
        timestamp("attached_at", nullable=True),
        check("upload_size_check", "size BETWEEN 1 AND 26214400"),
        check("upload_key_check", "(state = 'READY') = (key IS NOT NULL)"),
        check(
            "upload_rejection_reason_check", "(state = 'REFUSED') = (rejection_reason IS NOT NULL)"
        ),
        check("upload_attached_at_check", "attached_at IS NULL OR state = 'READY'"),
        check("upload_picture_check", "num_nonnulls(width, height) IN (0, 2)"),
        check("upload_pixels_check", "width > 0 AND height > 0"),
        foreign_key("upload_user_id_fkey", ["user_id"], ["user.id"]),
        sa.PrimaryKeyConstraint("id", name="upload_pkey"),
    )
    op.create_index(
        "upload_unattached_idx",
        "upload",
        ["user_id"],
        postgresql_where=sa.text("attached_at IS NULL"),
    )


def create_chat() -> None:
    op.create_table(
        "contact",
        uuid("id"),
        timestamp("created_at"),
        uuid("user_id"),
        uuid("vendor_id"),
        timestamp("blocked_by_user_at", nullable=True),
        timestamp("blocked_by_vendor_at", nullable=True),
        sa.Column("conversations", sa.Integer(), nullable=False),
        check("contact_conversations_check", "conversations BETWEEN 0 AND 100"),
        foreign_key("contact_user_id_fkey", ["user_id"], ["user.id"]),
        foreign_key("contact_vendor_id_fkey", ["vendor_id"], ["vendor.id"]),
        sa.PrimaryKeyConstraint("id", name="contact_pkey"),
        sa.UniqueConstraint("user_id", "vendor_id", name="contact_user_id_vendor_id_key"),
    )
    op.create_index("contact_vendor_id_idx", "contact", ["vendor_id"])
    op.create_table(
        "conversation",
        uuid("id"),
        timestamp("created_at"),
        uuid("user_id"),
        uuid("vendor_id"),
        enum("subject_kind", "subjectkind", "OFFER", "VOUCHER", nullable=True),
        uuid("subject_id", nullable=True),
        enum("state", "conversationstate", "OPEN", "ARCHIVED", "BLOCKED"),
        uuid("assignee_id", nullable=True),
        sa.Column("last_sequence", sa.Integer(), nullable=False),
        sa.Column("user_messages", sa.Integer(), nullable=False),
        timestamp("last_message_at"),
        sa.Column("user_read", sa.Integer(), nullable=False),
        sa.Column("user_delivered", sa.Integer(), nullable=False),
        sa.Column("vendor_read", sa.Integer(), nullable=False),
        sa.Column("vendor_delivered", sa.Integer(), nullable=False),
        timestamp("first_asked_at", nullable=True),
        timestamp("first_answered_at", nullable=True),
        timestamp("auto_replied_at", nullable=True),
        sa.Column("notices", sa.Integer(), server_default="0", nullable=False),
        sa.Column("was_archived", sa.Boolean(), server_default=sa.false(), nullable=False),
        check("conversation_subject_check", "(subject_id IS NULL) = (subject_kind IS NULL)"),
        check("conversation_first_answer_check", "first_asked_at <= first_answered_at"),
        check(
            "conversation_tally_check",
            "least(user_messages, notices) >= 0 AND user_messages + notices <= last_sequence",
        ),
        check(
            "conversation_user_place_check",
            "user_read BETWEEN 0 AND user_delivered AND user_delivered <= last_sequence",
        ),
        check(
            "conversation_vendor_place_check",
            "vendor_read BETWEEN 0 AND vendor_delivered AND vendor_delivered <= last_sequence",
        ),
        foreign_key("conversation_user_id_fkey", ["user_id"], ["user.id"]),
        foreign_key("conversation_vendor_id_fkey", ["vendor_id"], ["vendor.id"]),
        foreign_key(
            "conversation_assignee_id_fkey",
            ["assignee_id", "vendor_id"],
            ["vendor_member.user_id", "vendor_member.vendor_id"],
            ondelete="SET NULL (assignee_id)",
        ),
        sa.PrimaryKeyConstraint("id", name="conversation_pkey"),
        sa.UniqueConstraint(
            "user_id",
            "vendor_id",
            "subject_id",
            name="conversation_user_id_vendor_id_subject_id_key",
            postgresql_nulls_not_distinct=True,
        ),
    )
    op.create_index(
        "conversation_assignee_id_idx",
        "conversation",
        ["assignee_id", "state", "last_message_at", "id"],
    )
    op.create_index(
        "conversation_first_asked_at_idx", "conversation", ["vendor_id", "first_asked_at"]
    )
    op.create_index("conversation_subject_id_idx", "conversation", ["subject_id"])
    op.create_index(
        "conversation_unassigned_idx",
        "conversation",
        ["vendor_id", "state", "last_message_at", "id"],
        postgresql_where=sa.text("assignee_id IS NULL"),
    )
    op.create_index(
        "conversation_user_id_idx", "conversation", ["user_id", "last_message_at", "id"]
    )
    op.create_index(
        "conversation_vendor_id_idx",
        "conversation",
        ["vendor_id", "state", "last_message_at", "id"],
    )
    op.create_table(
        "participant",
        uuid("conversation_id"),
        uuid("user_id"),
        sa.Column("read", sa.Integer(), nullable=False),
        sa.Column("delivered", sa.Integer(), nullable=False),
        sa.Column("user_messages", sa.Integer(), nullable=False),
        sa.Column("notices", sa.Integer(), server_default="0", nullable=False),
        check("participant_place_check", "read BETWEEN 0 AND delivered"),
        check(
            "participant_tally_check",
            "least(user_messages, notices) >= 0 AND user_messages + notices <= read",
        ),
        foreign_key("participant_conversation_id_fkey", ["conversation_id"], ["conversation.id"]),
        foreign_key("participant_user_id_fkey", ["user_id"], ["user.id"]),
        sa.PrimaryKeyConstraint("conversation_id", "user_id", name="participant_pkey"),
    )
    op.create_index("participant_user_id_idx", "participant", ["user_id"])
    op.create_table(
        "message",
        uuid("id"),
        timestamp("created_at"),
        uuid("conversation_id"),
        sa.Column("sequence", sa.Integer(), nullable=False),
        enum("side", "side", "USER", "VENDOR"),
        uuid("sender_id", nullable=True),
        enum("kind", "messagekind", "TEXT", "IMAGE", "FILE", "OFFER", "AUTO_REPLY", "NOTICE"),
        enum("notice", "noticekind", "ASSIGNED", "ARCHIVED", "REOPENED", nullable=True),
        sa.Column("text", sa.String(), nullable=False),
        uuid("offer_id", nullable=True),
        uuid("upload_id", nullable=True),
        uuid("reply_to_id", nullable=True),
        sa.Column("client_message_id", sa.String(100)),
        sa.Column("user_messages", sa.Integer(), nullable=False),
        timestamp("edited_at", nullable=True),
        timestamp("deleted_at", nullable=True),
        sa.Column("notices", sa.Integer(), server_default="0", nullable=False),
        check("message_sender_check", "(sender_id IS NULL) = (kind IN ('AUTO_REPLY', 'NOTICE'))"),
        check(
            "message_content_check",
            """CASE kind
            WHEN 'IMAGE' THEN upload_id IS NOT NULL AND num_nonnulls(offer_id, notice) = 0
            WHEN 'FILE' THEN upload_id IS NOT NULL AND num_nonnulls(offer_id, notice) = 0
            WHEN 'OFFER' THEN offer_id IS NOT NULL AND num_nonnulls(upload_id, notice) = 0
            WHEN 'NOTICE' THEN notice IS NOT NULL AND num_nonnulls(offer_id, upload_id) = 0
            ELSE num_nonnulls(offer_id, upload_id, notice) = 0
                AND (text <> '' OR deleted_at IS NOT NULL)
            END IS TRUE""",
        ),
        check("message_deleted_check", "deleted_at IS NULL OR text = ''"),
        check(
            "message_client_message_id_check", "(sender_id IS NULL) = (client_message_id IS NULL)"
        ),
        check("message_text_check", "char_length(text) <= 4000"),
        check("message_sequence_check", "sequence >= 1"),
        check(
            "message_tally_check",
            "least(user_messages, notices) >= 0 AND user_messages + notices <= sequence",
        ),
        foreign_key("message_upload_id_fkey", ["upload_id"], ["upload.id"]),
        foreign_key("message_conversation_id_fkey", ["conversation_id"], ["conversation.id"]),
        foreign_key("message_offer_id_fkey", ["offer_id"], ["offer.id"]),
        foreign_key("message_reply_to_id_fkey", ["reply_to_id"], ["message.id"]),
        foreign_key("message_sender_id_fkey", ["sender_id"], ["user.id"]),
        sa.PrimaryKeyConstraint("id", name="message_pkey"),
        sa.UniqueConstraint(
            "conversation_id",
            "sender_id",
            "client_message_id",
            name="message_conversation_id_sender_id_client_message_id_key",
        ),
        sa.UniqueConstraint(
            "conversation_id", "sequence", name="message_conversation_id_sequence_key"
        ),
    )
    op.create_index("message_offer_id_idx", "message", ["offer_id"])
    op.create_index(
        "message_search_idx",
        "message",
        [sa.text(f"to_tsvector('simple', {SEARCHABLE_TEXT})")],
        postgresql_using="gin",
    )
    op.create_index("message_sender_id_idx", "message", ["sender_id"])
    op.create_index("message_upload_id_key", "message", ["upload_id"], unique=True)
    op.create_table(
        "message_version",
        uuid("id"),
        timestamp("created_at"),
        uuid("message_id"),
        enum("kind", "versionkind", "EDITED", "DELETED"),
        sa.Column("text", sa.String(), nullable=False),
        foreign_key("message_version_message_id_fkey", ["message_id"], ["message.id"]),
        sa.PrimaryKeyConstraint("id", name="message_version_pkey"),
    )
    op.create_index("message_version_message_id_idx", "message_version", ["message_id"])
    op.create_table(
        "message_report",
        uuid("id"),
        timestamp("created_at"),
        uuid("message_id"),
        uuid("conversation_id"),
        uuid("reporter_id"),
        enum("reason", "reportreason", "SPAM", "ABUSE", "FRAUD", "OTHER"),
        sa.Column("note", sa.String(), nullable=False),
        timestamp("resolved_at", nullable=True),
        uuid("resolver_id", nullable=True),
        check("message_report_resolved_check", "(resolved_at IS NULL) = (resolver_id IS NULL)"),
        check("message_report_note_check", "char_length(note) <= 1000"),
        foreign_key(
            "message_report_conversation_id_fkey", ["conversation_id"], ["conversation.id"]
        ),
        foreign_key("message_report_message_id_fkey", ["message_id"], ["message.id"]),
        foreign_key("message_report_reporter_id_fkey", ["reporter_id"], ["user.id"]),
        foreign_key("message_report_resolver_id_fkey", ["resolver_id"], ["user.id"]),
        sa.PrimaryKeyConstraint("id", name="message_report_pkey"),
        sa.UniqueConstraint(
            "message_id", "reporter_id", name="message_report_message_id_reporter_id_key"
        ),
    )
    op.create_index("message_report_conversation_id_idx", "message_report", ["conversation_id"])
    op.create_index("message_report_created_at_idx", "message_report", ["created_at", "id"])
    op.create_index(
        "message_report_open_idx",
        "message_report",
        ["created_at", "id"],
        postgresql_where=sa.text("resolved_at IS NULL"),
    )
    op.create_index("message_report_reporter_id_idx", "message_report", ["reporter_id"])
    op.create_index("message_report_resolver_id_idx", "message_report", ["resolver_id"])
    op.create_table(
        "inbox",
        uuid("owner_id"),
        sa.Column("received", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("owner_id", name="inbox_pkey"),
    )
    op.create_table(
        "inbox_reader",
        uuid("owner_id"),
        uuid("user_id"),
        sa.Column("read", sa.Integer(), nullable=False),
        check("inbox_reader_read_check", "read >= 0"),
        foreign_key("inbox_reader_user_id_fkey", ["user_id"], ["user.id"]),
        sa.PrimaryKeyConstraint("owner_id", "user_id", name="inbox_reader_pkey"),
    )
    op.create_table(
        "canned_reply",
        uuid("id"),
        timestamp("created_at"),
        uuid("vendor_id"),
        sa.Column("title", sa.String(80), nullable=False),
        sa.Column("text", sa.String(), nullable=False),
        check("canned_reply_text_check", "char_length(text) BETWEEN 1 AND 4000"),
        foreign_key("canned_reply_vendor_id_fkey", ["vendor_id"], ["vendor.id"]),
        sa.PrimaryKeyConstraint("id", name="canned_reply_pkey"),
        sa.UniqueConstraint("vendor_id", "title", name="canned_reply_vendor_id_title_key"),
    )
    op.create_table(
        "chat_hours",
        uuid("vendor_id"),
        json("spans"),
        sa.Column("auto_reply", sa.String(), nullable=False),
        sa.Column("canned_replies", sa.Integer(), nullable=False),
        check("chat_hours_auto_reply_check", "char_length(auto_reply) <= 1000"),
        check("chat_hours_spans_check", "jsonb_array_length(spans) <= 28"),
        check("chat_hours_canned_replies_check", "canned_replies BETWEEN 0 AND 100"),
        foreign_key("chat_hours_vendor_id_fkey", ["vendor_id"], ["vendor.id"]),
        sa.PrimaryKeyConstraint("vendor_id", name="chat_hours_pkey"),
    )


def create_notifications() -> None:
    op.create_table(
        "notification",
        uuid("id"),
        timestamp("created_at"),
        uuid("user_id"),
        enum("kind", "notificationkind", "VOUCHER_REDEEMED", "MESSAGE_RECEIVED"),
        uuid("subject_id"),
        sa.Column("up_to_sequence", sa.Integer(), server_default="0", nullable=False),
        sa.Column("count", sa.Integer(), server_default="1", nullable=False),
        timestamp("read_at", nullable=True),
        check("notification_count_check", "count >= 1"),
        foreign_key("notification_user_id_fkey", ["user_id"], ["user.id"]),
        sa.PrimaryKeyConstraint("id", name="notification_pkey"),
        sa.UniqueConstraint(
            "user_id",
            "kind",
            "subject_id",
            "up_to_sequence",
            name="notification_user_id_kind_subject_id_up_to_sequence_key",
        ),
    )
    op.create_index("notification_user_id_idx", "notification", ["user_id", "created_at", "id"])
    op.create_index("notification_created_at_idx", "notification", ["created_at"])
    op.create_index(
        "notification_unread_idx",
        "notification",
        ["user_id", "created_at", "id"],
        postgresql_where=sa.text("read_at IS NULL"),
    )
    op.create_table(
        "notification_inbox",
        uuid("user_id"),
        sa.Column("unread", sa.Integer(), nullable=False),
        check("notification_inbox_unread_check", "unread >= 0"),
        foreign_key("notification_inbox_user_id_fkey", ["user_id"], ["user.id"]),
        sa.PrimaryKeyConstraint("user_id", name="notification_inbox_pkey"),
    )
    op.create_table(
        "notification_preference",
        uuid("id"),
        timestamp("created_at"),
        uuid("user_id"),
        enum("kind", "notificationkind", "VOUCHER_REDEEMED", "MESSAGE_RECEIVED"),
        enum("channel", "channel", "PUSH", "MAIL"),
        sa.Column("allowed", sa.Boolean(), nullable=False),
        foreign_key("notification_preference_user_id_fkey", ["user_id"], ["user.id"]),
        sa.PrimaryKeyConstraint("id", name="notification_preference_pkey"),
        sa.UniqueConstraint(
            "user_id", "kind", "channel", name="notification_preference_user_id_kind_channel_key"
        ),
    )
    op.create_table(
        "quiet_hours",
        uuid("user_id"),
        sa.Column("starts_at", sa.Time(), nullable=False),
        sa.Column("ends_at", sa.Time(), nullable=False),
        sa.Column("time_zone", sa.String(64), nullable=False),
        check("quiet_hours_span_check", "starts_at <> ends_at"),
        foreign_key("quiet_hours_user_id_fkey", ["user_id"], ["user.id"]),
        sa.PrimaryKeyConstraint("user_id", name="quiet_hours_pkey"),
    )
    op.create_table(
        "device",
        uuid("id"),
        timestamp("created_at"),
        uuid("user_id"),
        uuid("session_id"),
        enum("platform", "platform", "ANDROID", "IOS", "WEB"),
        sa.Column("token", sa.String(4096), nullable=False),
        sa.Column("token_hash", sa.LargeBinary(), nullable=False),
        timestamp("seen_at"),
        foreign_key("device_session_id_fkey", ["session_id"], ["user_session.id"]),
        foreign_key("device_user_id_fkey", ["user_id"], ["user.id"]),
        sa.PrimaryKeyConstraint("id", name="device_pkey"),
        sa.UniqueConstraint("token_hash", name="device_token_hash_key"),
    )
    op.create_index("device_seen_at_idx", "device", ["seen_at"])
    op.create_index("device_session_id_idx", "device", ["session_id"])
    op.create_index("device_user_id_idx", "device", ["user_id", "seen_at", "id"])
    op.create_table(
        "delivery",
        uuid("id"),
        timestamp("created_at"),
        uuid("notification_id"),
        enum("channel", "channel", "PUSH", "MAIL"),
        uuid("device_id", nullable=True),
        enum("state", "deliverystate", "WAITING", "SENT", "SKIPPED", "FAILED"),
        enum(
            "skip_reason",
            "skipreason",
            "READ",
            "UNWANTED",
            "NO_ADDRESS",
            "NO_PART",
            "SUPERSEDED",
            "DROPPED",
            nullable=True,
        ),
        sa.Column("attempts", sa.Integer(), nullable=False),
        timestamp("due_at"),
        timestamp("completed_at", nullable=True),
        sa.Column("error", sa.String(300)),
        sa.Column("provider_id", sa.String(300)),
        check("delivery_device_check", "(channel = 'PUSH') = (device_id IS NOT NULL)"),
        check("delivery_skip_reason_check", "(state = 'SKIPPED') = (skip_reason IS NOT NULL)"),
        check("delivery_settled_check", "(state = 'WAITING') = (completed_at IS NULL)"),
        check("delivery_attempts_check", "attempts BETWEEN 0 AND 8"),
        foreign_key("delivery_notification_id_fkey", ["notification_id"], ["notification.id"]),
        sa.PrimaryKeyConstraint("id", name="delivery_pkey"),
        sa.UniqueConstraint(
            "notification_id",
            "channel",
            "device_id",
            name="delivery_notification_id_channel_device_id_key",
            postgresql_nulls_not_distinct=True,
        ),
    )
    op.create_index(
        "delivery_failed_idx",
        "delivery",
        ["completed_at", "id"],
        postgresql_where=sa.text("state = 'FAILED'"),
    )


def create_journal() -> None:
    op.create_table(
        "topic",
        sa.Column("topic", sa.Text(collation="C"), nullable=False),
        sa.Column("seq", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("topic", name="topic_pkey"),
    )
    op.create_table(
        "journal_entry",
        sa.Column("topic", sa.Text(collation="C"), nullable=False),
        sa.Column("seq", sa.BigInteger(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        json("facts"),
        sa.Column(
            "xid", Xid8Column(), server_default=sa.text("pg_current_xact_id()"), nullable=False
        ),
        timestamp("created_at"),
        sa.PrimaryKeyConstraint("topic", "seq", name="journal_entry_pkey"),
    )
    op.create_index("journal_entry_created_at_idx", "journal_entry", ["created_at"])
    op.create_index("journal_entry_xid_idx", "journal_entry", ["xid"])


def create_idempotency() -> None:
    op.create_table(
        "idempotency_key",
        uuid("user_id"),
        sa.Column("operation", sa.String(), nullable=False),
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("input_hash", sa.LargeBinary(), nullable=False),
        json("result", nullable=True),
        timestamp("created_at"),
        sa.PrimaryKeyConstraint("user_id", "operation", "key", name="idempotency_key_pkey"),
    )
    op.create_index("idempotency_key_created_at_idx", "idempotency_key", ["created_at"])


def downgrade() -> None:
    for table in reversed(TABLES):
        op.drop_table(table)
