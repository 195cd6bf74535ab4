"""Saved searches: their number, and what matches them."""

from sqlalchemy import text

VIOLATIONS = text(
    """
    SELECT 'user with more than 50 saved searches' AS rule, user_id::text AS row
    FROM saved_search GROUP BY user_id HAVING count(*) > 50
    UNION ALL
    SELECT 'match of an offer that is older than the search', hit.id::text
    FROM saved_search_hit AS hit
    JOIN saved_search AS saved ON saved.id = hit.search_id
    JOIN offer ON offer.id = hit.offer_id
    WHERE coalesce(offer.published_at, offer.created_at) <= saved.seen_upto
    UNION ALL
    SELECT 'user who was notified twice of an offer', user_id::text
    FROM notification WHERE kind = 'SAVED_SEARCH_MATCHED'
    GROUP BY user_id, subject_id HAVING count(*) > 1
    LIMIT 20
    """
)
