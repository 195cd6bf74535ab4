"""Chat: conversations, messages and their history, what is unread, reports, a vendor's desk."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "conversation",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("vendor_id", sa.Uuid(), nullable=False),
        sa.Column(
            "subject_kind",
            sa.Enum(
                "OFFER",
                "VOUCHER",
                name="subjectkind",
                native_enum=False,
                create_constraint=True,
                length=20,
            ),
            nullable=True,
        ),
        sa.Column("subject_id", sa.Uuid(), nullable=True),
        sa.Column(
            "state",
            sa.Enum(
                "OPEN",
                "ARCHIVED",
                "BLOCKED",
                name="conversationstate",
                native_enum=False,
                create_constraint=True,
                length=20,
            ),
            nullable=False,
        ),
        sa.Column("assignee_id", sa.Uuid(), nullable=True),
        sa.Column("last_sequence", sa.Integer(), nullable=False),
        sa.Column("user_messages", sa.Integer(), nullable=False),
        sa.Column("last_message_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("user_read", sa.Integer(), nullable=False),
        sa.Column("user_delivered", sa.Integer(), nullable=False),
        sa.Column("vendor_read", sa.Integer(), nullable=False),
        sa.Column("vendor_delivered", sa.Integer(), nullable=False),
        sa.Column("first_asked_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("first_answered_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("auto_replied_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "(subject_id IS NULL) = (subject_kind IS NULL)", name=op.f("conversation_subject_check")
        ),
        sa.CheckConstraint(
            "first_asked_at <= first_answered_at", name=op.f("conversation_first_answer_check")
        ),
        sa.CheckConstraint(
            "user_messages BETWEEN 0 AND last_sequence",
            name=op.f("conversation_user_messages_check"),
        ),
        sa.CheckConstraint(
            "user_read BETWEEN 0 AND user_delivered AND user_delivered <= last_sequence",
            name=op.f("conversation_user_place_check"),
        ),
        sa.CheckConstraint(
            "vendor_read BETWEEN 0 AND vendor_delivered AND vendor_delivered <= last_sequence",
            name=op.f("conversation_vendor_place_check"),
        ),
        sa.ForeignKeyConstraint(
            ["user_id"],
            ["user.id"],
            name=op.f("conversation_user_id_fkey"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.ForeignKeyConstraint(
            ["vendor_id"],
            ["vendor.id"],
            name=op.f("conversation_vendor_id_fkey"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.ForeignKeyConstraint(
            ["assignee_id", "vendor_id"],
            ["vendor_member.user_id", "vendor_member.vendor_id"],
            ondelete="SET NULL (assignee_id)",
            name=op.f("conversation_assignee_id_fkey"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("conversation_pkey")),
        sa.UniqueConstraint(
            "user_id",
            "vendor_id",
            "subject_id",
            name=op.f("conversation_user_id_vendor_id_subject_id_key"),
            postgresql_nulls_not_distinct=True,
        ),
    )
    op.create_index(
        "conversation_assignee_id_idx",
        "conversation",
        ["assignee_id", "state", "last_message_at", "id"],
        unique=False,
    )
    op.create_index(
        "conversation_first_asked_at_idx",
        "conversation",
        ["vendor_id", "first_asked_at"],
        unique=False,
    )
    op.create_index("conversation_subject_id_idx", "conversation", ["subject_id"], unique=False)
    op.create_index(
        "conversation_unassigned_idx",
        "conversation",
        ["vendor_id", "state", "last_message_at", "id"],
        unique=False,
        postgresql_where=sa.text("assignee_id IS NULL"),
    )
    op.create_index(
        "conversation_user_id_idx",
        "conversation",
        ["user_id", "last_message_at", "id"],
        unique=False,
    )
    op.create_index(
        "conversation_vendor_id_idx",
        "conversation",
        ["vendor_id", "state", "last_message_at", "id"],
        unique=False,
    )
    op.create_table(
        "inbox",
        sa.Column("owner_id", sa.Uuid(), nullable=False),
        sa.Column("received", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("owner_id", name=op.f("inbox_pkey")),
    )
    op.create_table(
        "message",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("conversation_id", sa.Uuid(), nullable=False),
        sa.Column("sequence", sa.Integer(), nullable=False),
        sa.Column(
            "side",
            sa.Enum(
                "USER", "VENDOR", name="side", native_enum=False, create_constraint=True, length=20
            ),
            nullable=False,
        ),
        sa.Column("sender_id", sa.Uuid(), nullable=True),
        sa.Column(
            "kind",
            sa.Enum(
                "TEXT",
                "IMAGE",
                "FILE",
                "OFFER",
                "AUTO_REPLY",
                "NOTICE",
                name="messagekind",
                native_enum=False,
                create_constraint=True,
                length=20,
            ),
            nullable=False,
        ),
        sa.Column(
            "notice",
            sa.Enum(
                "ASSIGNED",
                "ARCHIVED",
                "REOPENED",
                name="noticekind",
                native_enum=False,
                create_constraint=True,
                length=20,
            ),
            nullable=True,
        ),
        sa.Column("text", sa.String(), nullable=False),
        sa.Column("offer_id", sa.Uuid(), nullable=True),
        sa.Column("upload_id", sa.Uuid(), nullable=True),
        sa.Column("reply_to_id", sa.Uuid(), nullable=True),
        sa.Column("client_message_id", sa.String(100), nullable=True),
        sa.Column("user_messages", sa.Integer(), nullable=False),
        sa.Column("edited_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("deleted_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "(sender_id IS NULL) = (kind IN ('AUTO_REPLY', 'NOTICE'))",
            name=op.f("message_sender_check"),
        ),
        sa.CheckConstraint(
            """CASE kind
            WHEN 'IMAGE' THEN upload_id IS NOT NULL AND num_nonnulls(offer_id, notice) = 0
            WHEN 'FILE' THEN upload_id IS NOT NULL AND num_nonnulls(offer_id, notice) = 0
            WHEN 'OFFER' THEN offer_id IS NOT NULL AND num_nonnulls(upload_id, notice) = 0
            WHEN 'NOTICE' THEN notice IS NOT NULL AND num_nonnulls(offer_id, upload_id) = 0
            ELSE num_nonnulls(offer_id, upload_id, notice) = 0
                AND (text <> '' OR deleted_at IS NOT NULL)
            END IS TRUE""",
            name=op.f("message_content_check"),
        ),
        sa.CheckConstraint("deleted_at IS NULL OR text = ''", name=op.f("message_deleted_check")),
        sa.CheckConstraint(
            "(sender_id IS NULL) = (client_message_id IS NULL)",
            name=op.f("message_client_message_id_check"),
        ),
        sa.CheckConstraint("char_length(text) <= 4000", name=op.f("message_text_check")),
        sa.CheckConstraint("sequence >= 1", name=op.f("message_sequence_check")),
        sa.CheckConstraint(
            "user_messages BETWEEN 0 AND sequence", name=op.f("message_user_messages_check")
        ),
        sa.ForeignKeyConstraint(
            ["conversation_id"],
            ["conversation.id"],
            name=op.f("message_conversation_id_fkey"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.ForeignKeyConstraint(
            ["offer_id"],
            ["offer.id"],
            name=op.f("message_offer_id_fkey"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.ForeignKeyConstraint(
            ["reply_to_id"],
            ["message.id"],
            name=op.f("message_reply_to_id_fkey"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.ForeignKeyConstraint(
            ["sender_id"],
            ["user.id"],
            name=op.f("message_sender_id_fkey"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("message_pkey")),
        sa.UniqueConstraint(
            "conversation_id",
            "sender_id",
            "client_message_id",
            name=op.f("message_conversation_id_sender_id_client_message_id_key"),
        ),
        sa.UniqueConstraint(
            "conversation_id", "sequence", name=op.f("message_conversation_id_sequence_key")
        ),
    )
    op.create_index(op.f("message_offer_id_idx"), "message", ["offer_id"], unique=False)
    op.create_index(
        "message_search_idx",
        "message",
        [sa.text("to_tsvector('simple', text)")],
        unique=False,
        postgresql_using="gin",
    )
    op.create_index("message_sender_id_idx", "message", ["sender_id"], unique=False)
    op.create_index("message_upload_id_key", "message", ["upload_id"], unique=True)
    op.create_table(
        "inbox_reader",
        sa.Column("owner_id", sa.Uuid(), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("read", sa.Integer(), nullable=False),
        sa.CheckConstraint("read >= 0", name=op.f("inbox_reader_read_check")),
        sa.ForeignKeyConstraint(
            ["user_id"],
            ["user.id"],
            name=op.f("inbox_reader_user_id_fkey"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.PrimaryKeyConstraint("owner_id", "user_id", name=op.f("inbox_reader_pkey")),
    )
    op.create_table(
        "message_report",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("message_id", sa.Uuid(), nullable=False),
        sa.Column("conversation_id", sa.Uuid(), nullable=False),
        sa.Column("reporter_id", sa.Uuid(), nullable=False),
        sa.Column(
            "reason",
            sa.Enum(
                "SPAM",
                "ABUSE",
                "FRAUD",
                "OTHER",
                name="reportreason",
                native_enum=False,
                create_constraint=True,
                length=20,
            ),
            nullable=False,
        ),
        sa.Column("note", sa.String(), nullable=False),
        sa.Column("resolved_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("resolver_id", sa.Uuid(), nullable=True),
        sa.CheckConstraint(
            "(resolved_at IS NULL) = (resolver_id IS NULL)",
            name=op.f("message_report_resolved_check"),
        ),
        sa.CheckConstraint("char_length(note) <= 1000", name=op.f("message_report_note_check")),
        sa.ForeignKeyConstraint(
            ["conversation_id"],
            ["conversation.id"],
            name=op.f("message_report_conversation_id_fkey"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.ForeignKeyConstraint(
            ["message_id"],
            ["message.id"],
            name=op.f("message_report_message_id_fkey"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.ForeignKeyConstraint(
            ["reporter_id"],
            ["user.id"],
            name=op.f("message_report_reporter_id_fkey"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.ForeignKeyConstraint(
            ["resolver_id"],
            ["user.id"],
            name=op.f("message_report_resolver_id_fkey"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("message_report_pkey")),
        sa.UniqueConstraint(
            "message_id", "reporter_id", name=op.f("message_report_message_id_reporter_id_key")
        ),
    )
    op.create_index(
        op.f("message_report_conversation_id_idx"),
        "message_report",
        ["conversation_id"],
        unique=False,
    )
    op.create_index(
        "message_report_created_at_idx", "message_report", ["created_at", "id"], unique=False
    )
    op.create_index(
        "message_report_open_idx",
        "message_report",
        ["created_at", "id"],
        unique=False,
        postgresql_where=sa.text("resolved_at IS NULL"),
    )
    op.create_index(
        op.f("message_report_reporter_id_idx"), "message_report", ["reporter_id"], unique=False
    )
    op.create_index(
        op.f("message_report_resolver_id_idx"), "message_report", ["resolver_id"], unique=False
    )
    op.create_table(
        "message_version",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("message_id", sa.Uuid(), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "EDITED",
                "DELETED",
                name="versionkind",
                native_enum=False,
                create_constraint=True,
                length=20,
            ),
            nullable=False,
        ),
        sa.Column("text", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(
            ["message_id"],
            ["message.id"],
            name=op.f("message_version_message_id_fkey"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("message_version_pkey")),
    )
    op.create_index(
        op.f("message_version_message_id_idx"), "message_version", ["message_id"], unique=False
    )
    op.create_table(
        "participant",
        sa.Column("conversation_id", sa.Uuid(), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("read", sa.Integer(), nullable=False),
        sa.Column("delivered", sa.Integer(), nullable=False),
        sa.Column("user_messages", sa.Integer(), nullable=False),
        sa.CheckConstraint("read BETWEEN 0 AND delivered", name=op.f("participant_place_check")),
        sa.CheckConstraint(
            "user_messages BETWEEN 0 AND read", name=op.f("participant_user_messages_check")
        ),
        sa.ForeignKeyConstraint(
            ["conversation_id"],
            ["conversation.id"],
            name=op.f("participant_conversation_id_fkey"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.ForeignKeyConstraint(
            ["user_id"],
            ["user.id"],
            name=op.f("participant_user_id_fkey"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.PrimaryKeyConstraint("conversation_id", "user_id", name=op.f("participant_pkey")),
    )
    op.create_index("participant_user_id_idx", "participant", ["user_id"], unique=False)
    op.create_table(
        "canned_reply",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("vendor_id", sa.Uuid(), nullable=False),
        sa.Column("title", sa.String(80), nullable=False),
        sa.Column("text", sa.String(), nullable=False),
        sa.CheckConstraint(
            "char_length(text) BETWEEN 1 AND 4000", name=op.f("canned_reply_text_check")
        ),
        sa.ForeignKeyConstraint(
            ["vendor_id"],
            ["vendor.id"],
            name=op.f("canned_reply_vendor_id_fkey"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("canned_reply_pkey")),
        sa.UniqueConstraint("vendor_id", "title", name=op.f("canned_reply_vendor_id_title_key")),
    )
    op.create_table(
        "chat_hours",
        sa.Column("vendor_id", sa.Uuid(), nullable=False),
        sa.Column(
            "spans", postgresql.JSONB(none_as_null=True, astext_type=sa.Text()), nullable=False
        ),
        sa.Column("auto_reply", sa.String(), nullable=False),
        sa.Column("canned_replies", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "char_length(auto_reply) <= 1000", name=op.f("chat_hours_auto_reply_check")
        ),
        sa.CheckConstraint("jsonb_array_length(spans) <= 28", name=op.f("chat_hours_spans_check")),
        sa.CheckConstraint(
            "canned_replies BETWEEN 0 AND 100", name=op.f("chat_hours_canned_replies_check")
        ),
        sa.ForeignKeyConstraint(
            ["vendor_id"],
            ["vendor.id"],
            name=op.f("chat_hours_vendor_id_fkey"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.PrimaryKeyConstraint("vendor_id", name=op.f("chat_hours_pkey")),
    )
    op.create_table(
        "contact",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("vendor_id", sa.Uuid(), nullable=False),
        sa.Column("blocked_by_user_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("blocked_by_vendor_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("conversations", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "conversations BETWEEN 0 AND 100", name=op.f("contact_conversations_check")
        ),
        sa.ForeignKeyConstraint(
            ["user_id"],
            ["user.id"],
            name=op.f("contact_user_id_fkey"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.ForeignKeyConstraint(
            ["vendor_id"],
            ["vendor.id"],
            name=op.f("contact_vendor_id_fkey"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("contact_pkey")),
        sa.UniqueConstraint("user_id", "vendor_id", name=op.f("contact_user_id_vendor_id_key")),
    )
    op.create_index(op.f("contact_vendor_id_idx"), "contact", ["vendor_id"], unique=False)


def downgrade() -> None:
    for table in (
        "contact",
        "chat_hours",
        "canned_reply",
        "participant",
        "message_version",
        "message_report",
        "inbox_reader",
        "message",
        "inbox",
        "conversation",
    ):
        op.drop_table(table)
