"""The database constraints on notifications, their settings and deliveries."""

from tests.models.sql import change, copy

RULES = [
    ("notification_count_check", change("notification", "count = 0")),
    ("notification_inbox_unread_check", change("notification_inbox", "unread = -1")),
    ("quiet_hours_span_check", change("quiet_hours", "starts_at = ends_at")),
    ("device_platform_check", change("device", "platform = 'FAX'")),
    ("notification_preference_channel_check", change("notification_preference", "channel = ''")),
    ("delivery_channel_check", change("delivery", "channel = 'FAX', device_id = NULL")),
    ("delivery_device_check", change("delivery", "device_id = NULL")),
    ("delivery_device_check", change("delivery", "channel = 'MAIL'")),
    ("delivery_attempts_check", change("delivery", "attempts = 9")),
    ("delivery_attempts_check", change("delivery", "attempts = -1")),
    ("delivery_settled_check", change("delivery", "state = 'SENT'")),
    ("delivery_settled_check", change("delivery", "completed_at = now()")),
    ("delivery_deliverystate_check", change("delivery", "state = 'LOST', completed_at = now()")),
    (
        "delivery_skip_reason_check",
        change("delivery", "state = 'SKIPPED', completed_at = now()"),
    ),
    ("delivery_skip_reason_check", change("delivery", "skip_reason = 'READ'")),
    (
        "delivery_skipreason_check",
        change("delivery", "state = 'SKIPPED', completed_at = now(), skip_reason = 'RAIN'"),
    ),
    ("notification_user_id_kind_subject_id_up_to_sequence_key", copy("notification")),
    ("notification_preference_user_id_kind_channel_key", copy("notification_preference")),
    ("device_token_hash_key", copy("device")),
    ("delivery_notification_id_channel_device_id_key", copy("delivery")),
]
