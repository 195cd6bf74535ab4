"""What must hold of every row, whatever was done at once: a sweep in plain SQL."""

from sqlalchemy import text

from core.database import Database
from tests import chat_invariants

BROKEN = text(
    """
    SELECT 'offer.claimed differs from its vouchers' AS what, offer.id::text AS which
    FROM offer LEFT JOIN voucher ON voucher.offer_id = offer.id AND voucher.state <> 'CANCELLED'
    GROUP BY offer.id HAVING offer.claimed <> count(voucher.id)
    UNION ALL
    SELECT 'offer claimed past its capacity', id::text FROM offer
    WHERE claimed > capacity OR claimed < 0
    UNION ALL
    SELECT 'voucher of another vendor than its offer', voucher.id::text
    FROM voucher JOIN offer ON offer.id = voucher.offer_id
    WHERE voucher.vendor_id <> offer.vendor_id
    UNION ALL
    SELECT 'two live vouchers of one turn', min(id::text) FROM voucher
    WHERE state <> 'CANCELLED' GROUP BY offer_id, user_id, claim_number HAVING count(*) > 1
    UNION ALL
    SELECT 'voucher redeemed without exactly one approval', voucher.id::text
    FROM voucher LEFT JOIN redemption
        ON redemption.voucher_id = voucher.id AND redemption.outcome = 'APPROVED'
    GROUP BY voucher.id
    HAVING count(redemption.id) <> (CASE voucher.state WHEN 'REDEEMED' THEN 1 ELSE 0 END)
    UNION ALL
    SELECT 'approval at another vendor, or at another time', redemption.id::text
    FROM redemption JOIN voucher ON voucher.id = redemption.voucher_id
    WHERE redemption.outcome = 'APPROVED' AND (
        redemption.vendor_id <> voucher.vendor_id
        OR redemption.created_at IS DISTINCT FROM voucher.redeemed_at
    )
    UNION ALL
    SELECT 'voucher with the times of another state', id::text FROM voucher
    WHERE (state = 'REDEEMED') <> (redeemed_at IS NOT NULL)
        OR (state = 'CANCELLED') <> (cancelled_at IS NOT NULL)
    UNION ALL
    SELECT 'told twice', min(id::text) FROM notification
    GROUP BY user_id, kind, subject_id, up_to_sequence HAVING count(*) > 1
    UNION ALL
    SELECT 'unread notifications are not as many as were counted', "user".id::text
    FROM "user"
    LEFT JOIN notification ON notification.user_id = "user".id AND read_at IS NULL
    LEFT JOIN notification_inbox AS inbox ON inbox.user_id = "user".id
    GROUP BY "user".id, inbox.unread HAVING count(notification.id) <> coalesce(inbox.unread, 0)
    UNION ALL
    SELECT 'delivery to a device that is the one of another user', delivery.id::text
    FROM delivery JOIN notification ON notification.id = notification_id
    JOIN device ON device.id = device_id WHERE device.user_id <> notification.user_id
    UNION ALL
    SELECT 'canned replies differ from their number', vendor_id::text
    FROM chat_hours FULL JOIN (
        SELECT vendor_id, count(*) AS kept FROM canned_reply GROUP BY vendor_id
    ) AS canned USING (vendor_id)
    WHERE coalesce(canned_replies, 0) <> coalesce(kept, 0)
    UNION ALL
    SELECT 'idempotency key without an answer', key FROM idempotency_key WHERE result IS NULL
    UNION ALL
    SELECT 'journal with a gap', topic FROM journal_entry
    GROUP BY topic HAVING max(seq) - min(seq) + 1 <> count(*)
    UNION ALL
    SELECT 'topic that is not where its journal ends', topic
    FROM topic FULL JOIN (
        SELECT topic, max(seq) AS last FROM journal_entry GROUP BY topic
    ) AS ends USING (topic)
    WHERE last IS NOT NULL AND topic.seq IS DISTINCT FROM last
    LIMIT 20
    """
)


async def check_invariants(database: Database) -> None:
    """An AssertionError that names what is broken, up to twenty of each sweep."""
    async with database.session() as session:
        swept = [await session.execute(sweep) for sweep in (BROKEN, chat_invariants.BROKEN)]
        broken = [f"{what}: {which}" for found in swept for what, which in found]
    assert not broken, broken
