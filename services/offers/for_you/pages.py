"""Pages of offers in the order FOR_YOU.

That of a user is ranked when its first page is read, and kept in Redis. All other viewers, users
who have turned it off, and users while Redis cannot be reached get the offers by their quality.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID

from sqlalchemy import Uuid, literal
from sqlalchemy.dialects.postgresql import ARRAY
from sqlmodel import asc, col, func, select, true
from sqlmodel.ext.asyncio.session import AsyncSession

from core import keyset
from core.clock import now
from core.errors import CursorExpired, MalformedRequest
from core.ids import new_id
from core.keyset import Count, Listing, Ordering, Page, Window, page_of
from models.offers.listings import ListedOffer
from models.offers.offers import Offer
from services.offers.filters import OfferFilter, OfferOrder, listed_conditions
from services.offers.for_you.candidates import read_candidates
from services.offers.for_you.kept_lists import KeptLists
from services.offers.for_you.scoring import (
    MAX_RANKED,
    OfferReasonKind,
    RankedOffer,
    RankReason,
    rank,
)
from services.offers.for_you.taste import read_taste, wants_personal_offers
from services.offers.public_lists import branches_of, is_live
from services.offers.rings import NearOffers, list_near
from services.offers.search import OfferListing
from services.viewer import Viewer

NOT_PERSONAL = [RankReason(OfferReasonKind.NOT_PERSONAL, 0)]
TURNED_OFF = "Offers are no longer ranked for you. Load the list again from the start."


@dataclass(frozen=True)
class RankedPage(Page[Offer]):
    """A page of a personal list, with the reasons of its offers."""

    reasons: Mapping[UUID, Sequence[RankReason]]


def reasons_of(listing: Listing[Offer], page: Page[Offer], place: int) -> Sequence[RankReason]:
    """Return the reasons of an offer on a page: none in another order than FOR_YOU."""
    if isinstance(page, RankedPage):
        return page.reasons[page.rows[place].id]
    is_for_you = isinstance(listing, OfferListing) and listing.for_you
    return NOT_PERSONAL if is_for_you else []


def personalize(
    listing: OfferListing, viewer: Viewer, wanted: OfferFilter, kept: KeptLists
) -> OfferListing:
    """Rank a list in the order FOR_YOU for its viewer, if that is a user.

    API tokens get the offers by quality: their scopes may not allow to read the user's vouchers,
    which the reasons reveal. Raises `NotSignedIn` for a bad token, whose user expects their list.
    """
    if not listing.for_you or viewer.optional_user_id is None or viewer.uses_api_token:
        return listing
    pager: Any = PersonalPages(viewer, wanted, kept)
    return replace(listing, pager=pager, statements=None, countable=MAX_RANKED)


@dataclass(frozen=True)
class KeptPlaces:
    """The list that a window's cursors are of, and the positions between them."""

    list_id: UUID
    first: int
    end: int


@dataclass(frozen=True)
class PersonalPages:
    """Pages of a list that is ranked for its viewer."""

    viewer: Viewer
    wanted: OfferFilter
    kept: KeptLists

    async def fetch_page(self, session: AsyncSession, window: Window) -> Page[Offer]:
        places = self._places(window)
        # Redis is asked before or between statements, while no connection to PostgreSQL is held.
        known = None if places is None else await self._find(places)
        if not await wants_personal_offers(session, self._user_id):
            if places is not None:
                raise CursorExpired(TURNED_OFF)
            return await keyset.fetch_page(session, self._general, window)
        if places is not None and known is not None:
            return await self._page(session, known, places, window)
        if window.after is not None or window.before is not None:
            return await keyset.fetch_page(session, self._general, window)
        return await self._first_page(session, window)

    async def count(self, session: AsyncSession) -> Count:
        found = await keyset.count(session, self._general)
        if not await wants_personal_offers(session, self._user_id):
            return found
        is_exact = found.exact and found.number <= MAX_RANKED
        return Count(min(found.number, MAX_RANKED), exact=is_exact)

    async def _first_page(self, session: AsyncSession, window: Window) -> Page[Offer]:
        taste = await read_taste(session, self._user_id)
        candidates = await read_candidates(session, self.viewer, self.wanted, taste)
        await session.close()  # gives the connection back, while Redis is asked
        ranked = rank(candidates, taste, now())
        list_id = new_id()
        if ranked and not await self.kept.keep(self._user_id, list_id, ranked):
            return await keyset.fetch_page(session, self._general, window)
        return await self._page(session, ranked, KeptPlaces(list_id, 0, len(ranked)), window)

    async def _page(
        self,
        session: AsyncSession,
        ranked: Sequence[RankedOffer],
        places: KeptPlaces,
        window: Window,
    ) -> Page[Offer]:
        """Return a page of a list, without the offers that are gone since it was ranked."""
        wanted = [*enumerate(ranked)][places.first : places.end]
        if window.backward:
            wanted.reverse()
        ids = [one.id for _, one in wanted]
        rows = (await session.exec(self._select(ids, window.size + 1))).all()
        positions = {one.id: position for position, one in wanted}
        keys = [[str(places.list_id), positions[row.id]] for row in rows]
        page = page_of(rows, keys, self._ordering, window)
        return RankedPage(**vars(page), reasons={one.id: one.reasons for one in ranked})

    def _select(self, ids: Sequence[UUID], most: int) -> Any:
        """Select the first offers by ids that are live and fulfil the conditions, in this order."""
        each: Any = func.unnest(literal(ids, ARRAY(Uuid)))
        kept = each.table_valued("id", with_ordinality="place", name="kept").render_derived()
        conditions = [*listed_conditions(self.viewer, self.wanted)]
        if self.wanted.near is not None:
            circle = NearOffers(self.wanted.near, [])
            conditions.append(circle.distance() <= circle.within_m)
        # Fences: of few offers, rows are read one by one.
        one = select(ListedOffer.offer_id).where(
            col(ListedOffer.offer_id) == kept.c.id, is_live(), *conditions
        )
        still = one.offset(0).correlate(kept).lateral("still")
        first = (
            select(still.c.offer_id, kept.c.place)
            .select_from(kept.join(still, true()))
            .order_by(asc(kept.c.place))
            .limit(most)
            .subquery("first")
        )
        rows = select(Offer).join(first, first.c.offer_id == col(Offer.id))
        return rows.order_by(asc(first.c.place))

    def _places(self, window: Window) -> KeptPlaces | None:
        """Return where the cursors are. None without cursors, or if they are not of such a list."""
        ordering = self._ordering
        found: dict[str, Any] = {
            name: ordering.place(cursor)[0]
            for name in ("after", "before")
            if (cursor := getattr(window, name)) is not None and ordering.made(cursor)
        }
        if not found:
            return None
        given = (window.after is not None) + (window.before is not None)
        lists = {list_id for list_id, _ in found.values()}
        if len(lists) > 1 or len(found) < given:
            raise MalformedRequest("These cursors belong to different lists.")
        (list_id,) = lists
        first = found["after"][1] + 1 if "after" in found else 0
        end = found["before"][1] if "before" in found else MAX_RANKED
        return KeptPlaces(list_id, first, end)

    async def _find(self, places: KeptPlaces) -> list[RankedOffer]:
        return await self.kept.find(self._user_id, places.list_id)

    @property
    def _user_id(self) -> UUID:
        return self.viewer.require_user()

    @property
    def _ordering(self) -> Ordering:
        near = self.wanted.near
        place = f":{near.latitude},{near.longitude}" if near else ""
        return Ordering(f"for_you{place}", literal(0), Offer.id, _read_place)

    @property
    def _general(self) -> Listing[Offer]:
        """Return the list by quality, which is the same for all viewers."""
        order = OfferOrder.FOR_YOU
        if self.wanted.near is not None:
            return list_near(self.viewer, self.wanted, self.wanted.near, order)
        ordering, branches = branches_of(self.viewer, self.wanted, order)
        return Listing(select(Offer), ordering, branches=branches)


def _read_place(value: Any) -> tuple[UUID, int]:
    """Return the id of a list and a position in it. Raises `ValueError` if it is neither."""
    list_id, position = value
    if type(position) is not int or position not in range(MAX_RANKED):
        raise ValueError(value)
    return UUID(list_id), position
