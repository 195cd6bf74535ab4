"""What must hold of conversations: every number kept beside the messages, counted anew."""

from sqlalchemy import text

BROKEN = text(
    """
    WITH said AS (
        SELECT message.*, user_id, vendor_id,
            count(*) FILTER (WHERE side = 'USER') OVER earlier AS users,
            count(*) FILTER (WHERE kind = 'NOTICE') OVER earlier AS told
        FROM message JOIN conversation ON conversation.id = conversation_id
        WINDOW earlier AS (PARTITION BY conversation_id ORDER BY sequence)
    ), place AS (
        SELECT participant.*, conversation.vendor_id, conversation.user_id AS talker_id,
            participant.user_id = conversation.user_id AS of_user
        FROM participant JOIN conversation ON conversation.id = conversation_id
    )
    SELECT 'messages with a gap' AS what, conversation.id::text AS which
    FROM conversation LEFT JOIN message ON conversation_id = conversation.id
    GROUP BY conversation.id
    HAVING count(message.id) <> last_sequence OR coalesce(max(sequence), 0) <> last_sequence
    UNION ALL
    SELECT 'another number of the user''s messages', id::text FROM conversation
    WHERE user_messages <> (
        SELECT count(*) FROM message WHERE conversation_id = conversation.id AND side = 'USER'
    )
    UNION ALL
    SELECT 'another number of notices', id::text FROM conversation
    WHERE notices <> (
        SELECT count(*) FROM message WHERE conversation_id = conversation.id AND kind = 'NOTICE'
    )
    UNION ALL
    SELECT 'message that counts those before it wrongly', id::text FROM said
    WHERE (user_messages, notices) <> (users, told)
    UNION ALL
    SELECT 'last message at another time', conversation_id::text
    FROM said JOIN conversation ON conversation.id = conversation_id AND sequence = last_sequence
    WHERE last_message_at <> said.created_at
    UNION ALL
    SELECT 'first question at another time', id::text FROM conversation
    WHERE first_asked_at IS DISTINCT FROM (
        SELECT min(created_at) FROM message
        WHERE conversation_id = conversation.id AND side = 'USER'
    )
    UNION ALL
    SELECT 'answer to another conversation''s message', message.id::text
    FROM message JOIN message AS asked ON asked.id = message.reply_to_id
    WHERE asked.conversation_id <> message.conversation_id
    UNION ALL
    SELECT 'message changed without its history', id::text FROM message
    WHERE (edited_at IS NOT NULL AND NOT EXISTS (
            SELECT FROM message_version WHERE message_id = message.id AND kind = 'EDITED'
        )) OR (deleted_at IS NOT NULL AND NOT EXISTS (
            SELECT FROM message_version WHERE message_id = message.id AND kind = 'DELETED'
        ))
    UNION ALL
    SELECT 'inbox that received another number', owner_id::text
    FROM inbox FULL JOIN (
        SELECT CASE side WHEN 'USER' THEN vendor_id ELSE user_id END AS owner_id, count(*) AS sent
        FROM said WHERE kind <> 'NOTICE' GROUP BY 1
    ) AS counted USING (owner_id)
    WHERE coalesce(received, 0) <> coalesce(sent, 0)
    UNION ALL
    SELECT 'inbox read another number of times', owner_id::text
    FROM inbox_reader FULL JOIN (
        SELECT CASE WHEN of_user THEN user_id ELSE vendor_id END AS owner_id, user_id,
            sum((
                SELECT count(*) FROM message
                WHERE conversation_id = place.conversation_id AND sequence <= read
                    AND kind <> 'NOTICE' AND (side = 'VENDOR') = of_user
            )) AS taken
        FROM place GROUP BY 1, 2
    ) AS counted USING (owner_id, user_id)
    WHERE coalesce(inbox_reader.read, 0) <> coalesce(taken, 0)
    UNION ALL
    SELECT 'place that counts those before it wrongly', conversation_id::text FROM place
    WHERE (user_messages, notices) <> (
        SELECT count(*) FILTER (WHERE side = 'USER'), count(*) FILTER (WHERE kind = 'NOTICE')
        FROM message WHERE conversation_id = place.conversation_id AND sequence <= read
    )
    UNION ALL
    SELECT 'side that is not where its people are', conversation.id::text
    FROM conversation LEFT JOIN place ON conversation_id = conversation.id
    GROUP BY conversation.id
    HAVING (user_read, user_delivered, vendor_read, vendor_delivered) <> (
        coalesce(max(read) FILTER (WHERE of_user), 0),
        coalesce(max(delivered) FILTER (WHERE of_user), 0),
        coalesce(max(read) FILTER (WHERE NOT of_user), 0),
        coalesce(max(delivered) FILTER (WHERE NOT of_user), 0)
    )
    UNION ALL
    SELECT 'contact with another number of conversations', contact.id::text
    FROM contact FULL JOIN (
        SELECT user_id, vendor_id, count(*) AS held FROM conversation GROUP BY 1, 2
    ) AS counted USING (user_id, vendor_id)
    WHERE coalesce(conversations, 0) <> coalesce(held, 0)
    UNION ALL
    SELECT 'blocked here and not there', conversation.id::text
    FROM conversation JOIN contact USING (user_id, vendor_id)
    WHERE (state = 'BLOCKED') <> (num_nonnulls(blocked_by_user_at, blocked_by_vendor_at) > 0)
    LIMIT 20
    """
)
