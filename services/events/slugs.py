"""Slugs of events, with those that they had before."""

from collections.abc import Iterator
from uuid import UUID

from sqlalchemy.dialects.postgresql import insert
from sqlmodel import and_, col, func, select, update
from sqlmodel.ext.asyncio.session import AsyncSession

from core.text.slugs import MAX_SLUG_LENGTH, MIN_SLUG_LENGTH, slugify
from models.events.events import (
    MAX_EVENT_SLUGS,
    Event,
    EventSlug,
    EventSlugLimitReached,
    EventSlugTaken,
)

UNIQUE_DIGITS = 12  # of the random end of the event's id


async def give_slug(session: AsyncSession, event: Event) -> None:
    """Give a new event the first slug of its titles that no other event has or had.

    An insert of the same slug in another transaction is waited for.
    """
    for slug in _options(event):
        row = insert(EventSlug).values(EventSlug(slug=slug, event_id=event.id).model_dump())
        taken = row.on_conflict_do_nothing().returning(col(EventSlug.slug))
        if (await session.exec(taken)).first() is not None:
            return


def _options(event: Event) -> Iterator[str]:
    """Yield slugs, the best one first. A title without Latin letters has none of its own."""
    own, *others = event.title.get(event.locale, ""), *event.title.values()
    slugs = [slug for slug in map(slugify, (own, *others)) if len(slug) >= MIN_SLUG_LENGTH]
    yield from slugs
    unique = event.id.hex[-UNIQUE_DIGITS:]
    base = (slugs or ["event"])[0][: MAX_SLUG_LENGTH - len(unique) - 1].strip("-")
    yield f"{base}-{unique}"


async def change_slug(session: AsyncSession, event: Event, slug: str) -> None:
    """Make a slug the current one of an event that is locked. The former ones keep leading to it.

    Raises `EventSlugTaken` and `EventSlugLimitReached`.
    """
    own = col(EventSlug.event_id) == event.id
    former = and_(col(EventSlug.is_current), own, col(EventSlug.slug) != slug)
    await session.exec(update(EventSlug).where(former).values(is_current=False))
    chosen = (
        insert(EventSlug)
        .values(EventSlug(slug=slug, event_id=event.id).model_dump())
        .on_conflict_do_update(
            index_elements=[col(EventSlug.slug)], set_={"is_current": True}, where=own
        )
    )
    if (await session.exec(chosen.returning(col(EventSlug.slug)))).first() is None:
        raise EventSlugTaken(slug=slug, field=["slug"])
    counted = select(func.count()).select_from(EventSlug).where(own)
    if (await session.exec(counted)).one() > MAX_EVENT_SLUGS:
        raise EventSlugLimitReached(most=MAX_EVENT_SLUGS, field=["slug"])


async def find_event_id(session: AsyncSession, slug: str) -> UUID | None:
    """Return the id of the event that has or had a slug."""
    rows = select(EventSlug.event_id).where(EventSlug.slug == slug.strip().lower())
    return (await session.exec(rows)).first()
