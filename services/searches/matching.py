"""New offers are compared with the saved searches, by a job."""

from collections.abc import Collection, Sequence
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import text
from sqlmodel.ext.asyncio.session import AsyncSession

from core.ids import FIRST_ID
from models.notifications.inbox import NotificationKind
from models.searches import MAX_SAVED_SEARCHES, SearchNotices
from services.notifications import inbox
from services.notifications.inbox import Notice
from services.searches.anchors import circle_of, keys_of_offer

BATCH_SIZE = 10 * MAX_SAVED_SEARCHES
MAX_PER_DAY = 10  # messages to a user; further matches wait for the daily one
MAX_RECENT = 200  # offers
NEW_DAYS = 30  # since its first publication, in which an offer is new
KIND = NotificationKind.SAVED_SEARCH_MATCHED

OFFER = text(
    """
    SELECT vendor_id, latitude, longitude, tsvector_to_array(words) AS lexemes,
        ARRAY(
            SELECT above.id FROM category AS own
            JOIN category AS above ON starts_with(own.path, above.path)
            WHERE own.id = listing.category_id
        ) AS categories,
        ARRAY(SELECT pin FROM listing_pin WHERE listing_pin.offer_id = listing.offer_id) AS pins
    FROM listing
    WHERE offer_id = :offer AND ends_at > now() AND words IS NOT NULL
        AND published_at > now() - make_interval(days => :days)
    """
)
# A job of an offer does not see a search that is saved meanwhile. This one is committed.
RECENT = text(
    """
    SELECT offer_id FROM listing JOIN saved_search AS saved ON saved.id = :search
    WHERE listing.published_at > saved.seen_upto AND ends_at > now()
    ORDER BY published_at, offer_id LIMIT :most
    """
)
MATCHING = text(
    """
    SELECT saved.id, saved.user_id, saved.notices, saved.latitude, saved.longitude,
        saved.within_km
    FROM saved_search AS saved JOIN listing ON listing.offer_id = :offer
    WHERE saved.anchors && CAST(:keys AS text[])
        AND saved.id = coalesce(CAST(:search AS uuid), saved.id)
        AND saved.user_id > :after AND saved.seen_upto < listing.published_at
        AND (saved.query IS NULL OR listing.words @@ saved.query)
        AND (saved.vendor_id IS NULL OR saved.vendor_id = listing.vendor_id)
        AND (saved.category_id IS NULL OR saved.category_id = ANY(CAST(:categories AS uuid[])))
        AND (saved.city_id IS NULL OR saved.city_id = listing.city_id)
        AND (saved.country IS NULL OR saved.country = listing.country)
        AND (saved.pin_code IS NULL OR saved.pin_code = ANY(CAST(:pins AS text[])))
        AND (saved.discount_kinds IS NULL OR listing.kind = ANY(saved.discount_kinds))
        AND (saved.discount_at_least IS NULL OR listing.percent >= saved.discount_at_least)
    ORDER BY saved.user_id, saved.id LIMIT :most
    """
)
# A user can know the offer from the daily message too.
KNOWN = text(
    """
    SELECT user_id, bool_or(subject_id = :offer) AS informed,
        count(*) FILTER (WHERE created_at > now() - interval '1 day') >= :most AS satisfied
    FROM notification
    WHERE user_id = ANY(CAST(:users AS uuid[])) AND kind = :kind
        AND (created_at > now() - interval '1 day' OR subject_id = :offer)
    GROUP BY user_id
    UNION ALL
    SELECT saved.user_id, true, false
    FROM saved_search_hit AS hit JOIN saved_search AS saved ON saved.id = hit.search_id
    WHERE hit.offer_id = :offer AND saved.user_id = ANY(CAST(:users AS uuid[]))
        AND NOT hit.waiting AND saved.notices = 'DAILY'
    """
)
# In the order of users: two jobs for one offer wait for each other's first row.
INSERT = text(
    """
    INSERT INTO saved_search_hit (id, created_at, search_id, offer_id, seen, waiting)
    SELECT uuidv7(), now(), search_id, :offer, false, waiting
    FROM unnest(CAST(:searches AS uuid[]), CAST(:waiting AS boolean[])) WITH ORDINALITY
        AS given (search_id, waiting, n)
    ORDER BY n
    ON CONFLICT (search_id, offer_id) DO NOTHING RETURNING search_id
    """
)


class Known(NamedTuple):
    """Users who know of an offer, and those who have got enough messages within a day."""

    informed: set[UUID]
    satisfied: set[UUID]


async def match_saved_searches(session: AsyncSession, offer_id: UUID, after: UUID) -> UUID | None:
    """Compare a live offer with the saved searches of a batch of users, by ascending id.

    Each search matches an offer once, and a user gets one message about it, however many of their
    searches match. Returns the last user's id, or None after the last batch. A second job, or one
    that runs again, finds the matches of the first, and notifies no one.
    """
    offer = await _find_offer(session, offer_id)
    if offer is None:
        return None
    rows = await _find(session, offer, offer_id, after)
    is_full = len(rows) == BATCH_SIZE
    if is_full:  # the last user may have more
        last = rows[-1].user_id
        rows = [row for row in rows if row.user_id != last]
    await _record(session, offer_id, [row for row in rows if _is_in_circle(row, offer)])
    return rows[-1].user_id if is_full else None


async def match_recent_offers(session: AsyncSession, search_id: UUID) -> None:
    """Compare a search that was saved with the offers that were published meanwhile.

    At most 200 of them: a job that runs on time finds none, or those of a few milliseconds.
    """
    found = await session.execute(RECENT, {"search": search_id, "most": MAX_RECENT})
    for offer_id in found.scalars().all():
        offer = await _find_offer(session, offer_id)
        if offer is not None:
            rows = await _find(session, offer, offer_id, FIRST_ID, search_id)
            await _record(session, offer_id, [row for row in rows if _is_in_circle(row, offer)])


async def _find_offer(session: AsyncSession, offer_id: UUID) -> Any:
    return (await session.execute(OFFER, {"offer": offer_id, "days": NEW_DAYS})).first()


async def _find(
    session: AsyncSession,
    offer: Any,
    offer_id: UUID,
    after: UUID,
    search_id: UUID | None = None,
) -> Sequence[Any]:
    """Return the searches that match but for their circles: a batch of users', or the one."""
    keys = keys_of_offer(
        offer.lexemes, vendor=offer.vendor_id, categories=offer.categories, pins=offer.pins
    )
    given: dict[str, Any] = {
        "offer": offer_id,
        "search": search_id,
        "after": after,
        "keys": keys,
        "categories": offer.categories,
        "pins": offer.pins,
        "most": BATCH_SIZE,
    }
    return (await session.execute(MATCHING, given)).all()


def _is_in_circle(search: Any, offer: Any) -> bool:
    near = circle_of(search)
    return near is None or near.distance(offer) <= near.within_km * 1000


async def _record(session: AsyncSession, offer_id: UUID, found: Sequence[Any]) -> None:
    """Store the matches that are new, and notify their users."""
    if not found:
        return
    at_once = {row.user_id for row in found if row.notices == SearchNotices.INSTANT}
    known = await _find_known(session, offer_id, {row.user_id for row in found})
    notified = at_once - known.informed - known.satisfied
    given = {
        "offer": offer_id,
        "searches": [row.id for row in found],
        "waiting": [
            row.notices != SearchNotices.OFF and row.user_id not in notified | known.informed
            for row in found
        ],
    }
    new = {*(await session.execute(INSERT, given)).scalars()}
    wanting = {
        row.user_id for row in found if row.id in new and row.notices == SearchNotices.INSTANT
    }
    notices = [Notice(user_id, KIND, offer_id) for user_id in wanting & notified]
    await inbox.notify_all(session, notices)


async def _find_known(session: AsyncSession, offer_id: UUID, user_ids: Collection[UUID]) -> Known:
    """Return the users who need no message at once, of the offer or of any."""
    given = {"offer": offer_id, "users": sorted(user_ids), "kind": KIND, "most": MAX_PER_DAY}
    found = (await session.execute(KNOWN, given)).all()
    return Known(
        {row.user_id for row in found if row.informed},
        {row.user_id for row in found if row.satisfied},
    )
