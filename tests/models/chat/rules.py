"""The database constraints on conversations, with SQL that violates each of them."""

from tests.models.sql import change, copy, one_line

NOTICE_COLUMNS = "kind = 'NOTICE', offer_id = NULL, sender_id = NULL, client_message_id = NULL"
NOTICE = f"{NOTICE_COLUMNS}, notice = 'ARCHIVED'"
TEXT = "kind = 'TEXT', offer_id = NULL"

WORDS = [
    ("conversation_conversationstate_check", change("conversation", "state = 'SHUT'")),
    ("message_side_check", change("message", "side = 'HOUSE'")),
    ("message_messagekind_check", change("message", "kind = 'SONG', offer_id = NULL")),
    ("message_noticekind_check", change("message", f"{NOTICE_COLUMNS}, notice = 'RAIN'")),
    ("message_version_versionkind_check", change("message_version", "kind = 'LOST'")),
    ("message_report_reportreason_check", change("message_report", "reason = 'DULL'")),
]
CONVERSATIONS = [
    ("contact_conversations_check", change("contact", "conversations = -1")),
    ("contact_conversations_check", change("contact", "conversations = 101")),
    ("contact_user_id_vendor_id_key", copy("contact")),
    ("conversation_user_id_vendor_id_subject_id_key", copy("conversation")),
    (
        "conversation_user_id_vendor_id_subject_id_key",
        change("conversation", "subject_id = NULL, subject_kind = NULL")
        + ";"
        + copy("conversation"),
    ),
    ("conversation_subject_check", change("conversation", "subject_kind = NULL")),
    ("conversation_subject_check", change("conversation", "subject_id = NULL")),
    ("conversation_tally_check", change("conversation", "user_messages = -1")),
    ("conversation_withdrawn_check", change("conversation", "user_deleted = user_messages + 1")),
    ("conversation_withdrawn_check", change("conversation", "vendor_deleted = last_sequence + 1")),
    ("conversation_tally_check", change("conversation", "user_messages = 2")),
    ("conversation_tally_check", change("conversation", "notices = -1")),
    ("conversation_tally_check", change("conversation", "notices = 1")),
    ("conversation_user_place_check", change("conversation", "user_read = -1")),
    ("conversation_user_place_check", change("conversation", "user_read = 1, user_delivered = 0")),
    ("conversation_user_place_check", change("conversation", "user_delivered = 2")),
    ("conversation_vendor_place_check", change("conversation", "vendor_read = -1")),
    ("conversation_vendor_place_check", change("conversation", "vendor_read = 2")),
    ("conversation_vendor_place_check", change("conversation", "vendor_delivered = 2")),
    (
        "conversation_first_answer_check",
        change("conversation", "first_answered_at = first_asked_at - interval '1 second'"),
    ),
]
READING = [
    ("participant_place_check", change("participant", "read = -1, user_messages = -1")),
    ("participant_place_check", change("participant", "read = 1, delivered = 0")),
    ("participant_tally_check", change("participant", "user_messages = -1")),
    ("participant_joined_at_sequence_check", change("participant", "joined_at_sequence = -1")),
    (
        "participant_joined_at_sequence_check",
        change("participant", "joined_at_sequence = delivered + 1"),
    ),
    ("participant_withdrawn_check", change("participant", "user_deleted = -1")),
    ("participant_withdrawn_check", change("participant", "vendor_deleted = read + 1")),
    ("participant_tally_check", change("participant", "user_messages = 2")),
    ("participant_tally_check", change("participant", "notices = -1")),
    ("participant_tally_check", change("participant", "notices = 1")),
    ("inbox_reader_read_check", change("inbox_reader", "read = -1")),
]
MESSAGES = [
    ("message_conversation_id_sequence_key", copy("message", client_message_id="2")),
    ("message_conversation_id_sender_id_client_message_id_key", copy("message", sequence=2)),
    (
        "message_upload_id_key",
        change("message", "kind = 'IMAGE', offer_id = NULL, upload_id = gen_random_uuid()")
        + ";"
        + copy("message", sequence=2, client_message_id="2"),
    ),
    ("message_sequence_check", change("message", "sequence = 0, user_messages = 0")),
    ("message_tally_check", change("message", "user_messages = -1")),
    ("message_discounted_check", change("message", "discounted = true, deleted_at = NULL")),
    ("message_tally_check", change("message", "user_messages = 2")),
    ("message_tally_check", change("message", "notices = -1")),
    ("message_tally_check", change("message", "notices = 1")),
    ("message_text_check", change("message", "text = repeat('ü', 4001)")),
    ("message_sender_check", change("message", "sender_id = NULL, client_message_id = NULL")),
    ("message_sender_check", change("message", "kind = 'AUTO_REPLY', offer_id = NULL")),
    ("message_client_message_id_check", change("message", "client_message_id = NULL")),
    ("message_content_check", change("message", "offer_id = NULL")),
    ("message_content_check", change("message", "kind = 'TEXT'")),
    ("message_content_check", change("message", f"{TEXT}, text = ''")),
    ("message_content_check", change("message", "kind = 'IMAGE', offer_id = NULL")),
    ("message_content_check", change("message", "kind = 'FILE', upload_id = gen_random_uuid()")),
    ("message_content_check", change("message", "upload_id = gen_random_uuid()")),
    ("message_content_check", change("message", NOTICE_COLUMNS)),
    ("message_content_check", change("message", "notice = 'ARCHIVED'")),
    ("message_deleted_check", change("message", "deleted_at = now()")),
    ("message_report_message_id_reporter_id_key", copy("message_report")),
    ("message_report_note_check", change("message_report", "note = repeat('ü', 1001)")),
    ("message_report_resolved_check", change("message_report", "resolved_at = NULL")),
    ("message_report_resolved_check", change("message_report", "resolver_id = NULL")),
]
DESK = [
    *one_line("canned_reply", "title"),
    ("canned_reply_vendor_id_title_key", copy("canned_reply")),
    ("canned_reply_text_check", change("canned_reply", "text = ''")),
    ("canned_reply_text_check", change("canned_reply", "text = repeat('ü', 4001)")),
    ("chat_hours_auto_reply_check", change("chat_hours", "auto_reply = repeat('ü', 1001)")),
    (
        "chat_hours_spans_check",
        change("chat_hours", "spans = (SELECT jsonb_agg(n) FROM generate_series(1, 29) AS n)"),
    ),
    ("chat_hours_canned_replies_check", change("chat_hours", "canned_replies = -1")),
    ("chat_hours_canned_replies_check", change("chat_hours", "canned_replies = 101")),
]
RULES = [*WORDS, *CONVERSATIONS, *READING, *MESSAGES, *DESK]

WITH = {"message_upload_id_fkey": "kind = 'IMAGE', offer_id = NULL"}
PASSING = [
    copy("conversation", subject_id="00000000-0000-0000-0000-000000000001"),
    copy("message", sequence=2, client_message_id="2"),
    change("message", NOTICE),
    change("message", f"{TEXT}, text = repeat('ü', 4000)"),
    change("message", f"{TEXT}, text = '', deleted_at = now()"),
    change("conversation", "user_read = 1, user_delivered = 1"),
    change("contact", "conversations = 100"),
]
