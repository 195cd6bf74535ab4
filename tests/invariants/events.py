"""Events: what is counted of quotas, buyers and seats, and what follows from orders and scans."""

from sqlalchemy import text

from services.events.seats.places import SIZES

VIOLATIONS = text(
    f"""
    WITH live AS (
        SELECT hold.event_date_id, hold.user_id, line.quota_ids,
            line.quantity * line.admits AS tickets, kind.kind
        FROM ticket_hold AS hold
        JOIN hold_line AS line ON line.hold_id = hold.id
        JOIN ticket_type AS kind ON kind.id = line.ticket_type_id
        WHERE hold.state IN ('OPEN', 'CHECKOUT')
        UNION ALL
        SELECT ticket.event_date_id, buyer_id, quota_ids, 1, kind.kind
        FROM ticket JOIN ticket_type AS kind ON kind.id = ticket.ticket_type_id
        WHERE ticket.state = 'VALID'
    ),
    taken AS (
        SELECT quota_id, sum(tickets) AS tickets
        FROM live, unnest(quota_ids) AS quota_id GROUP BY quota_id
    ),
    bought AS (
        SELECT event_date_id, user_id, sum(tickets) AS tickets
        FROM live WHERE kind = 'ADMISSION' AND user_id IS NOT NULL
        GROUP BY event_date_id, user_id
    )
    SELECT 'ticket_quota.taken differs from its holds and tickets' AS rule, id::text AS row
    FROM ticket_quota LEFT JOIN taken ON taken.quota_id = ticket_quota.id
    WHERE ticket_quota.taken <> coalesce(taken.tickets, 0)
    UNION ALL
    SELECT 'ticket quota taken beyond its capacity', id::text
    FROM ticket_quota WHERE taken > capacity
    UNION ALL
    SELECT 'ticket_buyer.tickets differs from holds and tickets', event_date_id::text
    FROM ticket_buyer LEFT JOIN bought USING (event_date_id, user_id)
    WHERE ticket_buyer.tickets <> coalesce(bought.tickets, 0)
    UNION ALL
    SELECT 'a ticket was resold, or is listed, in the wrong state', listing.id::text
    FROM resale_listing AS listing JOIN ticket ON ticket.id = listing.ticket_id
    WHERE (listing.state = 'LISTED' AND ticket.state <> 'VALID')
        OR (listing.state = 'SOLD' AND ticket.state <> 'CANCELLED')
    UNION ALL
    SELECT 'a listed ticket is not in the hold that has it', listing.id::text
    FROM resale_listing AS listing
    LEFT JOIN hold_line AS line
        ON line.resale_id = listing.id AND line.hold_id = listing.hold_id
    LEFT JOIN ticket_hold AS hold ON hold.id = line.hold_id
    WHERE (listing.state = 'LISTED' AND listing.hold_id IS NOT NULL
            AND coalesce(hold.state NOT IN ('OPEN', 'CHECKOUT'), true))
        OR (listing.state = 'SOLD' AND hold.state IS DISTINCT FROM 'SOLD')
    UNION ALL
    SELECT 'a hold has sold a listed ticket that it had not', line.id::text
    FROM hold_line AS line JOIN ticket_hold AS hold ON hold.id = line.hold_id
    JOIN resale_listing AS listing ON listing.id = line.resale_id
    WHERE hold.state = 'SOLD'
        AND (listing.state <> 'SOLD' OR listing.hold_id IS DISTINCT FROM hold.id)
    UNION ALL
    SELECT 'a resold ticket costs more than its price', listing.id::text
    FROM resale_listing AS listing JOIN ticket ON ticket.id = listing.ticket_id
    WHERE listing.price > ticket.price
    UNION ALL
    SELECT 'a hold ended but its seats are held', seat_id::text
    FROM seat_place JOIN ticket_hold ON ticket_hold.id = seat_place.hold_id
    WHERE ticket_hold.state NOT IN ('OPEN', 'CHECKOUT')
    UNION ALL
    SELECT 'a seat of a hold is not held', line.seat_id::text
    FROM hold_line AS line JOIN ticket_hold AS hold ON hold.id = line.hold_id
    LEFT JOIN seat_place AS place ON place.hold_id = hold.id AND place.seat_id = line.seat_id
    WHERE hold.state IN ('OPEN', 'CHECKOUT') AND line.seat_id IS NOT NULL
        AND line.resale_id IS NULL AND place.state IS DISTINCT FROM 'HELD'
    UNION ALL
    SELECT 'a seat of a valid ticket is not sold to it', ticket.seat_id::text
    FROM ticket LEFT JOIN seat_place AS place ON place.ticket_id = ticket.id
        AND place.seat_id = ticket.seat_id
    WHERE ticket.state = 'VALID' AND ticket.seat_id IS NOT NULL
        AND place.state IS DISTINCT FROM 'SOLD'
    UNION ALL
    SELECT 'a seat is sold to a ticket that is not valid', place.seat_id::text
    FROM seat_place AS place JOIN ticket ON ticket.id = place.ticket_id
    WHERE ticket.state <> 'VALID'
    UNION ALL
    SELECT 'two valid tickets of one seat', seat_id::text
    FROM ticket WHERE state = 'VALID' AND seat_id IS NOT NULL
    GROUP BY event_date_id, seat_id HAVING count(*) > 1
    UNION ALL
    SELECT 'a seat is in two live holds or valid tickets', seat_id::text
    FROM (
        SELECT hold.event_date_id, line.seat_id
        FROM ticket_hold AS hold JOIN hold_line AS line ON line.hold_id = hold.id
        WHERE hold.state IN ('OPEN', 'CHECKOUT') AND line.resale_id IS NULL
        UNION ALL
        SELECT event_date_id, seat_id FROM ticket WHERE state = 'VALID'
    ) AS given
    WHERE seat_id IS NOT NULL GROUP BY event_date_id, seat_id HAVING count(*) > 1
    UNION ALL
    SELECT 'a waitlist hold of seats has a line without one', line.id::text
    FROM ticket_hold AS hold JOIN hold_line AS line ON line.hold_id = hold.id
    JOIN ticket_type AS kind ON kind.id = line.ticket_type_id
    JOIN event_date ON event_date.id = hold.event_date_id
    WHERE hold.source = 'WAITLIST' AND hold.state IN ('OPEN', 'CHECKOUT')
        AND event_date.chart_id IS NOT NULL AND cardinality(kind.category_ids) > 0
        AND line.seat_id IS NULL
    UNION ALL
    SELECT 'a ticket of an order that was never confirmed', ticket.id::text
    FROM ticket JOIN order_line AS line ON line.id = ticket.order_line_id
    JOIN suborder ON suborder.id = line.suborder_id
    JOIN "order" ON "order".id = suborder.order_id
    WHERE "order".confirmed_at IS NULL
    UNION ALL
    SELECT 'a hold of a confirmed order is not sold', hold.id::text
    FROM ticket_hold AS hold JOIN "order" ON "order".id = hold.order_id
    WHERE ("order".confirmed_at IS NOT NULL) <> (hold.state = 'SOLD')
    UNION ALL
    SELECT 'a hold in checkout has no order to be paid', hold.id::text
    FROM ticket_hold AS hold LEFT JOIN "order" ON "order".id = hold.order_id
    WHERE hold.state = 'CHECKOUT' AND "order".state IS DISTINCT FROM 'PENDING'
    UNION ALL
    SELECT 'a sold hold has other tickets than its lines', hold.id::text
    FROM ticket_hold AS hold
    CROSS JOIN LATERAL (
        SELECT sum(quantity * admits) AS held FROM hold_line WHERE hold_id = hold.id
    ) AS line
    CROSS JOIN LATERAL (SELECT count(*) AS sold FROM ticket WHERE hold_id = hold.id) AS issued
    WHERE hold.order_id IS NOT NULL
        AND issued.sold <> CASE hold.state WHEN 'SOLD' THEN line.held ELSE 0 END
    UNION ALL
    SELECT 'an entry is HOLDING without a live hold, or has one and is not', entry.id::text
    FROM waitlist_entry AS entry
    WHERE (entry.state = 'HOLDING') <> EXISTS (
        SELECT FROM ticket_hold AS hold
        WHERE hold.entry_id = entry.id AND hold.state IN ('OPEN', 'CHECKOUT')
    )
    UNION ALL
    SELECT 'a pending transfer is of a cancelled ticket or a former code', transfer.id::text
    FROM ticket_transfer AS transfer JOIN ticket ON ticket.id = transfer.ticket_id
    WHERE transfer.state = 'PENDING'
        AND (ticket.state <> 'VALID' OR ticket.generation <> transfer.generation)
    UNION ALL
    SELECT 'seat_row.sizes differs from its free seats', seat_row.row_id::text
    FROM seat_row
    LEFT JOIN ({SIZES.format(condition="")}) AS counted USING (event_date_id, row_id)
    WHERE seat_row.sizes <> coalesce(counted.sizes, 0)
    UNION ALL
    SELECT 'ticket_presence.entries differs from its scans', presence.ticket_id::text
    FROM ticket_presence AS presence
    WHERE presence.entries <> (
        SELECT count(*) FROM scan
        WHERE scan.list_id = presence.list_id AND scan.ticket_id = presence.ticket_id
            AND scan.outcome = 'ADMITTED' AND scan.voided_at IS NULL
    )
    UNION ALL
    SELECT 'a ticket was admitted more often than the list admits it', scan.ticket_id::text
    FROM scan JOIN check_in_list AS door ON door.id = scan.list_id
    WHERE scan.outcome = 'ADMITTED' AND scan.voided_at IS NULL AND door.mode <> 'REENTRY'
    GROUP BY scan.ticket_id, door.id HAVING count(*) > coalesce(door.max_entries, 1)
    UNION ALL
    SELECT 'a scan that was RED has let in', id::text
    FROM scan WHERE shown = 'RED' AND outcome IN ('ADMITTED', 'LEFT')
    LIMIT 20
    """
)
