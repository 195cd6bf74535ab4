"""Lists by conditions of which PostgreSQL cannot know how many of the first offers fulfil them."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import FromClause
from sqlalchemy.orm import aliased
from sqlmodel import col, func, not_, select, true, union_all

from core.keyset import Limit, Ordering
from core.statements.parameters import current_time
from models.offers.listings import ListedOffer, ListedPin, OfferRank
from models.offers.offers import OfferLike
from models.vendors.hours import VendorOpen
from services.categories.queries import subtree
from services.offers.filters import Conditions
from services.viewer import Viewer

MAX_WALKED = 3_000  # offers in the list's order that are looked through for those that match


@dataclass(frozen=True)
class Sifted:
    """Offers that fulfil conditions, which may be few or many of all.

    The first 3,000 in the list's order are looked through. If too few of them match, matches are
    rare, so all are found by the index of a condition, and sorted. Only one of both is done.
    """

    conditions: Callable[[type[ListedOffer]], Conditions]
    found: FromClause | None
    rare: bool = False  # whether it is known that few offers match

    def select_first(self, limit: Limit, ordering: Ordering) -> Any:
        if self.rare:
            few = self._select_every(limit, ordering).subquery("few")
            ordered = _directions(few.c.sort_key, few.c.id, limit, ordering)
            return select(*select(*few.c).order_by(*ordered).limit(limit.size).subquery().c)
        rows = _ranked(select(ListedOffer), ListedOffer, ordering)
        keyed = rows.where(_is_live(ListedOffer)).add_columns(ordering.key.label("sort_key"))
        walked = replace(limit, size=MAX_WALKED).apply(keyed, ordering).subquery("walked")
        seen = aliased(ListedOffer, walked)
        first = (
            select(col(seen.offer_id).label("id"), walked.c.sort_key)
            .where(*self.conditions(seen))
            .order_by(*_directions(walked.c.sort_key, seen.offer_id, limit, ordering))
            .limit(limit.size)
            .cte()
        )
        enough = select(func.count()).select_from(first).scalar_subquery() >= limit.size
        every = self._select_every(limit, ordering).cte()
        ordered = (
            select(*every.c)
            .where(not_(enough))
            .order_by(*_directions(every.c.sort_key, every.c.id, limit, ordering))
            .limit(limit.size)
        )
        return union_all(select(*first.c).where(enough), select(*ordered.subquery().c))

    def _select_every(self, limit: Limit, ordering: Ordering) -> Any:
        one = self._matching()
        rows = _ranked(select(col(one.offer_id).label("id")), one, ordering)
        key = ordering.key if _is_rank(ordering) else getattr(one, ordering.key.key)
        within = limit.within(rows, replace(ordering, key=key, id=one.offer_id))
        return within.where(_is_live(one), *self.conditions(one)).add_columns(key.label("sort_key"))

    def select_all(self) -> Any:
        one = self._matching()
        return select(one.offer_id).where(_is_live(one), *self.conditions(one))

    def _matching(self) -> Any:
        return ListedOffer if self.found is None else aliased(ListedOffer, self.found)


def found_by(viewer: Viewer, wanted: Any) -> FromClause | None:
    """Return the listings that the most selective of the conditions finds, for each of its keys.

    OFFSET 0 is a fence. For a rare postal code, a plan for any read 832,000 pages without it. None
    if an index of the table itself is enough.
    """
    if wanted.pin_code is not None:
        at_pin: Any = select(col(ListedPin.offer_id).label("id")).where(
            ListedPin.pin == wanted.pin_code
        )
        return _for_each(at_pin, ListedOffer.offer_id)
    if wanted.liked:
        mine = OfferLike.user_id == viewer.require_user()
        liked: Any = select(col(OfferLike.offer_id).label("id")).where(mine)
        return _for_each(liked, ListedOffer.offer_id)
    if wanted.vendor_id is not None:
        return None
    if wanted.category_id is not None:
        return _for_each(subtree(wanted.category_id), ListedOffer.category_id)
    if wanted.open_now:
        during: Any = func.tstzrange(VendorOpen.starts_at, VendorOpen.ends_at)
        is_open = during.op("@>", is_comparison=True)(current_time())
        vendors: Any = select(col(VendorOpen.vendor_id).label("id")).where(is_open)
        return _for_each(vendors, ListedOffer.vendor_id)
    return None


def _for_each(keys: Any, column: Any) -> FromClause:
    each = keys.offset(0).subquery("each")
    rows = select(ListedOffer).where(column == each.c.id, _is_live(ListedOffer)).offset(0)
    some = rows.correlate(each).lateral("some")
    found: FromClause = select(*some.c).select_from(each.join(some, true())).subquery("found_by")
    return found


def _ranked(rows: Any, table: Any, ordering: Ordering) -> Any:
    if _is_rank(ordering):
        return rows.join(OfferRank, col(OfferRank.offer_id) == table.offer_id)
    return rows


def _is_rank(ordering: Ordering) -> bool:
    return bool(ordering.key.class_ is OfferRank)


def _is_live(table: Any) -> Any:
    return col(table.ends_at) > current_time()


def _directions(key: Any, id: Any, limit: Limit, ordering: Ordering) -> Iterator[Any]:
    return iter(replace(ordering, key=key, id=id).columns(backward=limit.backward))
