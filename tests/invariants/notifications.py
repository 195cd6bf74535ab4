"""Notifications, their counters and deliveries."""

from sqlalchemy import text

VIOLATIONS = text(
    """
    SELECT 'duplicate notification' AS rule, min(id::text) AS row FROM notification
    GROUP BY user_id, kind, subject_id, up_to_sequence HAVING count(*) > 1
    UNION ALL
    SELECT 'notification_inbox.unread differs from the unread notifications', "user".id::text
    FROM "user"
    LEFT JOIN notification ON notification.user_id = "user".id AND read_at IS NULL
    LEFT JOIN notification_inbox AS inbox ON inbox.user_id = "user".id
    GROUP BY "user".id, inbox.unread HAVING count(notification.id) <> coalesce(inbox.unread, 0)
    UNION ALL
    SELECT 'unread notification of messages that were all read or deleted', notification.id::text
    FROM notification JOIN conversation ON conversation.id = notification.subject_id
    LEFT JOIN participant ON conversation_id = conversation.id
        AND participant.user_id = notification.user_id
    WHERE kind = 'MESSAGE_RECEIVED' AND read_at IS NULL AND NOT EXISTS (
        SELECT FROM message WHERE message.conversation_id = conversation.id
            AND sequence > coalesce(participant.read, 0) AND sequence <= up_to_sequence
            AND (side = 'VENDOR') = (notification.user_id = conversation.user_id)
            AND sender_id IS NOT NULL AND deleted_at IS NULL
    )
    UNION ALL
    SELECT 'delivery to a device of another user', delivery.id::text
    FROM delivery JOIN notification ON notification.id = notification_id
    JOIN device ON device.id = device_id WHERE device.user_id <> notification.user_id
    LIMIT 20
    """
)
