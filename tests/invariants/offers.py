"""Offers: what is counted on them."""

from sqlalchemy import text

VIOLATIONS = text(
    """
    SELECT 'offer.claimed differs from the number of its vouchers' AS rule, offer.id::text AS row
    FROM offer LEFT JOIN voucher ON voucher.offer_id = offer.id AND voucher.state <> 'CANCELLED'
    GROUP BY offer.id HAVING offer.claimed <> count(voucher.id)
    UNION ALL
    SELECT 'offer claimed beyond its capacity', id::text FROM offer
    WHERE claimed > capacity OR claimed < 0
    UNION ALL
    SELECT 'a live offer is not listed', offer.id::text
    FROM offer JOIN vendor ON vendor.id = offer.vendor_id AND vendor.status = 'APPROVED'
    LEFT JOIN listing ON listing.offer_id = offer.id
    WHERE offer.state = 'PUBLISHED' AND offer.ends_at > now() AND listing.offer_id IS NULL
    UNION ALL
    SELECT 'a listed offer is not live, or another one', offer.id::text
    FROM listing
    JOIN offer ON offer.id = listing.offer_id
    JOIN vendor ON vendor.id = offer.vendor_id
    JOIN category ON category.id = offer.category_id
    LEFT JOIN city ON city.id = listing.city_id
    WHERE listing.ends_at > now() AND (
        offer.state <> 'PUBLISHED' OR vendor.status <> 'APPROVED'
        OR (listing.vendor_id, listing.category_id, listing.country, listing.kind)
            <> (vendor.id, category.id, offer.country, offer.discount_kind)
        OR (listing.starts_at, listing.ends_at, listing.latitude, listing.longitude)
            <> (offer.starts_at, offer.ends_at, offer.latitude, offer.longitude)
        OR listing.percent IS DISTINCT FROM offer.percent
        OR city.key IS DISTINCT FROM lower(vendor.city COLLATE pg_c_utf8)
        OR offer.pin_codes <> ARRAY(
            SELECT CAST(pin AS text) FROM listing_pin
            WHERE offer_id = offer.id ORDER BY pin COLLATE "C"
        )
        OR NOT EXISTS (SELECT FROM listing_rank WHERE offer_id = offer.id)
    )
    UNION ALL
    SELECT 'a word is counted differently from the offers that have it', lexeme
    FROM (
        SELECT word AS lexeme, documents AS number FROM term
        UNION ALL SELECT unnest(tsvector_to_array(words)), -1 FROM listing
        UNION ALL SELECT unnest(tsvector_to_array(added)), 1 FROM term_delta
        UNION ALL SELECT unnest(tsvector_to_array(removed)), -1 FROM term_delta
    ) AS counted
    WHERE NOT starts_with(lexeme, '#') GROUP BY lexeme HAVING sum(number) <> 0
    UNION ALL
    SELECT 'an import of offers counts other results than it has', offer_import.id::text
    FROM offer_import LEFT JOIN offer_import_row AS one ON one.import_id = offer_import.id
    GROUP BY offer_import.id
    HAVING (created, updated, unchanged, refused) <> (
        count(one.id) FILTER (WHERE outcome = 'CREATED'),
        count(one.id) FILTER (WHERE outcome = 'UPDATED'),
        count(one.id) FILTER (WHERE outcome = 'UNCHANGED'),
        count(one.id) FILTER (WHERE outcome = 'REFUSED')
    )
    LIMIT 20
    """
)
