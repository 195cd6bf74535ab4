"""Bookings: each time that is taken has a booking, and each booking that takes a time has it."""

from sqlalchemy import text

from core.database import Database

VIOLATIONS = text(
    """
    WITH own AS (
        SELECT booking.*, state IN ('HELD', 'REQUESTED', 'PENDING_PAYMENT', 'CONFIRMED') AS occupies
        FROM booking
    ),
    claimed AS (
        SELECT own.id, array_agg(claim.resource_id ORDER BY claim.resource_id) AS resource_ids
        FROM own JOIN claim ON claim.booking_id = own.id GROUP BY own.id
    ),
    used AS (
        SELECT booking_id AS id, array_agg(resource_id ORDER BY resource_id) AS resource_ids
        FROM booking_resource GROUP BY booking_id
    ),
    seated AS (
        SELECT meeting_id AS id, count(*) AS taken FROM own
        WHERE meeting_id IS NOT NULL AND (occupies OR state IN ('COMPLETED', 'NO_SHOW'))
        GROUP BY meeting_id
    )
    SELECT 'a booking has not claimed what it uses' AS rule, own.id::text AS row
    FROM own LEFT JOIN claimed USING (id) LEFT JOIN used USING (id)
    WHERE occupies AND meeting_id IS NULL
        AND claimed.resource_ids IS DISTINCT FROM used.resource_ids
        AND NOT EXISTS (
            SELECT FROM booking_shift AS shift WHERE shift.booking_id = own.id
                AND shift.outcome <> 'MOVED' AND shift.starts_at = own.starts_at
        )
    UNION ALL
    SELECT 'a booking that takes no time, or a seat, has claims', own.id::text
    FROM own JOIN claimed USING (id) WHERE NOT occupies OR meeting_id IS NOT NULL
    UNION ALL
    SELECT 'a claim does not cover its visit', claim.id::text
    FROM claim JOIN own ON own.id = claim.booking_id
    WHERE claim.blocked_from > own.starts_at OR claim.blocked_until < own.ends_at
    UNION ALL
    SELECT 'a claim expires at another time than its booking', claim.id::text
    FROM claim JOIN own ON own.id = claim.booking_id
    WHERE claim.expires_at IS DISTINCT FROM own.expires_at
    UNION ALL
    SELECT 'two claims of a lane overlap', one.id::text
    FROM claim AS one JOIN claim AS other ON one.resource_id = other.resource_id
        AND one.lane = other.lane AND one.id < other.id AND one.during && other.during
    UNION ALL
    SELECT 'class_meeting.taken differs from its bookings', class_meeting.id::text
    FROM class_meeting LEFT JOIN seated USING (id)
    WHERE class_meeting.taken <> coalesce(seated.taken, 0)
    UNION ALL
    SELECT 'a meeting that does not take place has claims', class_meeting.id::text
    FROM class_meeting JOIN claim ON claim.meeting_id = class_meeting.id
    WHERE class_meeting.state <> 'SCHEDULED'
    UNION ALL
    SELECT 'a booking is confirmed and not paid', own.id::text FROM own
    WHERE state = 'CONFIRMED' AND due_online > 0 AND source <> 'DESK' AND NOT EXISTS (
        SELECT FROM order_line AS line
        JOIN suborder ON suborder.id = line.suborder_id
        LEFT JOIN payment ON payment.order_id = suborder.order_id
        WHERE line.id = own.order_line_id AND (line.total = 0 OR EXISTS (
            SELECT FROM ledger_entry
            WHERE posting IN ('pay:' || payment.id, 'confirm:' || suborder.order_id)
        ))
    )
    UNION ALL
    SELECT 'a booking is confirmed and its order is not, or the other way round', own.id::text
    FROM own JOIN order_line AS line ON line.id = own.order_line_id
    JOIN suborder ON suborder.id = line.suborder_id JOIN "order" ON "order".id = suborder.order_id
    WHERE own.state IN ('PENDING_PAYMENT', 'EXPIRED', 'CONFIRMED')
        AND ("order".confirmed_at IS NOT NULL) <> (own.state = 'CONFIRMED')
    UNION ALL
    SELECT 'a booking waits for the payment of no order', own.id::text
    FROM own LEFT JOIN order_line AS line ON line.id = own.order_line_id
    LEFT JOIN suborder ON suborder.id = line.suborder_id
    LEFT JOIN "order" ON "order".id = suborder.order_id
    WHERE own.state = 'PENDING_PAYMENT' AND "order".state IS DISTINCT FROM 'PENDING'
    UNION ALL
    SELECT 'a block leaves a time of its resource free', block.id::text
    FROM time_block AS block JOIN resource ON resource.id = block.resource_id,
        generate_series(0, resource.lanes - 1) AS lane
    WHERE block.starts_at > now() AND NOT coalesce((
        SELECT range_agg(claim.during) @> tstzrange(block.starts_at, block.ends_at)
        FROM claim WHERE claim.resource_id = resource.id AND claim.lane = lane.lane
    ), false)
    UNION ALL
    SELECT 'booking.paid_at_desk differs from its payments', own.id::text FROM own
    WHERE paid_at_desk <> (
        SELECT coalesce(sum(amount), 0) FROM visit_payment WHERE booking_id = own.id
    )
    UNION ALL
    SELECT 'a booking has moved more or less often than it counts', own.id::text FROM own
    WHERE revision <> (SELECT count(*) FROM booking_move WHERE booking_id = own.id)
    LIMIT 20
    """
)


async def check_bookings(database: Database) -> None:
    """Raise an AssertionError if a rule of bookings is broken. It is fit for each step of a run."""
    async with database.session() as session:
        found = (await session.execute(VIOLATIONS)).all()
    assert not found, [f"{rule}: {row}" for rule, row in found]
