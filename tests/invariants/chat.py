"""Conversations: every stored counter is compared with a fresh count."""

from sqlalchemy import text

VIOLATIONS = text(
    """
    WITH numbered AS (
        SELECT message.*, user_id, vendor_id,
            count(*) FILTER (WHERE side = 'USER') OVER earlier AS earlier_users,
            count(*) FILTER (WHERE kind = 'NOTICE') OVER earlier AS earlier_notices
        FROM message JOIN conversation ON conversation.id = conversation_id
        WINDOW earlier AS (PARTITION BY conversation_id ORDER BY sequence)
    ), place AS (
        SELECT participant.*, conversation.vendor_id, conversation.user_id AS talker_id,
            participant.user_id = conversation.user_id AS of_user
        FROM participant JOIN conversation ON conversation.id = conversation_id
    )
    SELECT 'messages with a gap' AS rule, conversation.id::text AS row
    FROM conversation LEFT JOIN message ON conversation_id = conversation.id
    GROUP BY conversation.id
    HAVING count(message.id) <> last_sequence OR coalesce(max(sequence), 0) <> last_sequence
    UNION ALL
    SELECT 'conversation.user_messages differs from their number', id::text FROM conversation
    WHERE user_messages <> (
        SELECT count(*) FROM message WHERE conversation_id = conversation.id AND side = 'USER'
    )
    UNION ALL
    SELECT 'conversation.notices differs from their number', id::text FROM conversation
    WHERE notices <> (
        SELECT count(*) FROM message WHERE conversation_id = conversation.id AND kind = 'NOTICE'
    )
    UNION ALL
    SELECT 'conversation with wrong counts of deleted messages', id::text FROM conversation
    WHERE (user_deleted, vendor_deleted) <> (
        SELECT count(*) FILTER (WHERE side = 'USER'), count(*) FILTER (WHERE side = 'VENDOR')
        FROM message WHERE conversation_id = conversation.id AND deleted_at IS NOT NULL
    )
    UNION ALL
    SELECT 'deleted message that counts as unread', id::text FROM message
    WHERE discounted <> (deleted_at IS NOT NULL)
    UNION ALL
    SELECT 'message with wrong counts of the earlier messages', id::text FROM numbered
    WHERE (user_messages, notices) <> (earlier_users, earlier_notices)
    UNION ALL
    SELECT 'conversation.last_message_at differs from the last message', conversation_id::text
    FROM numbered
    JOIN conversation ON conversation.id = conversation_id AND sequence = last_sequence
    WHERE last_message_at <> numbered.created_at
    UNION ALL
    SELECT 'conversation.first_asked_at differs from the first question', id::text FROM conversation
    WHERE first_asked_at IS DISTINCT FROM (
        SELECT min(created_at) FROM message
        WHERE conversation_id = conversation.id AND side = 'USER'
    )
    UNION ALL
    SELECT 'message.search_text differs in the sides of the conversation', message.id::text
    FROM message JOIN conversation ON conversation.id = conversation_id
    WHERE NOT starts_with(search_text, CASE message.text WHEN '' THEN search_text
            ELSE concat('user:', user_id, ' vendor:', vendor_id, ' ') END)
        OR (message.text = '' AND search_text <> '')
    UNION ALL
    SELECT 'reply to a message of another conversation', message.id::text
    FROM message JOIN message AS asked ON asked.id = message.reply_to_id
    WHERE asked.conversation_id <> message.conversation_id
    UNION ALL
    SELECT 'changed message without a version', id::text FROM message
    WHERE NOT EXISTS (SELECT FROM "user" WHERE "user".id = sender_id AND is_erased)
        AND ((edited_at IS NOT NULL AND NOT EXISTS (
            SELECT FROM message_version WHERE message_id = message.id AND kind = 'EDITED'
        )) OR (deleted_at IS NOT NULL AND NOT EXISTS (
            SELECT FROM message_version WHERE message_id = message.id AND kind = 'DELETED'
        )))
    UNION ALL
    SELECT 'inbox.received differs from the messages sent to it', owner_id::text
    FROM inbox FULL JOIN (
        SELECT CASE side WHEN 'USER' THEN vendor_id ELSE user_id END AS owner_id, count(*) AS sent
        FROM numbered WHERE kind <> 'NOTICE' AND deleted_at IS NULL GROUP BY 1
    ) AS counted USING (owner_id)
    WHERE coalesce(received, 0) <> coalesce(sent, 0)
    UNION ALL
    SELECT 'inbox_reader.read differs from the messages read', owner_id::text
    FROM inbox_reader FULL JOIN (
        SELECT CASE WHEN of_user THEN user_id ELSE vendor_id END AS owner_id, user_id,
            sum((
                SELECT count(*) FROM message
                WHERE conversation_id = place.conversation_id AND sequence <= read
                    AND kind <> 'NOTICE' AND (side = 'VENDOR') = of_user
                    AND deleted_at IS NULL
            )) AS taken
        FROM place GROUP BY 1, 2
    ) AS counted USING (owner_id, user_id)
    WHERE coalesce(inbox_reader.read, 0) <> coalesce(taken, 0)
    UNION ALL
    SELECT 'participant with wrong counts of the messages read', conversation_id::text FROM place
    WHERE (user_messages, notices, user_deleted, vendor_deleted) <> (
        SELECT count(*) FILTER (WHERE side = 'USER'), count(*) FILTER (WHERE kind = 'NOTICE'),
            count(*) FILTER (WHERE side = 'USER' AND deleted_at IS NOT NULL),
            count(*) FILTER (WHERE side = 'VENDOR' AND deleted_at IS NOT NULL)
        FROM message WHERE conversation_id = place.conversation_id AND sequence <= read
    )
    UNION ALL
    SELECT 'read position of a side differs from its participants', conversation.id::text
    FROM conversation LEFT JOIN place ON conversation_id = conversation.id
    GROUP BY conversation.id
    HAVING (user_read, user_delivered) <> (
        coalesce(max(read) FILTER (WHERE of_user), 0),
        coalesce(max(delivered) FILTER (WHERE of_user), 0)
    ) OR vendor_read NOT BETWEEN
        coalesce(max(read) FILTER (WHERE NOT of_user AND read > joined_at_sequence), 0)
        AND coalesce(max(read) FILTER (WHERE NOT of_user), 0)
    OR vendor_delivered NOT BETWEEN
        coalesce(max(delivered) FILTER (WHERE NOT of_user AND delivered > joined_at_sequence), 0)
        AND coalesce(max(delivered) FILTER (WHERE NOT of_user), 0)
    UNION ALL
    SELECT 'contact.conversations differs from their number', contact.id::text
    FROM contact FULL JOIN (
        SELECT user_id, vendor_id, count(*) AS held FROM conversation GROUP BY 1, 2
    ) AS counted USING (user_id, vendor_id)
    WHERE coalesce(conversations, 0) <> coalesce(held, 0)
    UNION ALL
    SELECT 'conversation state contradicts the block of its contact', conversation.id::text
    FROM conversation JOIN contact USING (user_id, vendor_id)
    WHERE (state = 'BLOCKED') <> (num_nonnulls(blocked_by_user_at, blocked_by_vendor_at) > 0)
    UNION ALL
    SELECT 'chat_hours.canned_replies differs from the number of replies', vendor_id::text
    FROM chat_hours FULL JOIN (
        SELECT vendor_id, count(*) AS kept FROM canned_reply GROUP BY vendor_id
    ) AS canned USING (vendor_id)
    WHERE coalesce(canned_replies, 0) <> coalesce(kept, 0)
    LIMIT 20
    """
)
