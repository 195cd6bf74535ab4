"""Offers: managed by a vendor's managers, liked by users."""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement
from sqlalchemy.dialects.postgresql import insert
from sqlmodel import and_, col, delete, func, or_, select
from sqlmodel.ext.asyncio.session import AsyncSession
from sqlmodel.sql.expression import SelectOfScalar

from core.clock import now
from core.countries import postal_codes
from core.database import exists_in, for_change, for_reliance
from core.statements.parameters import current_time
from core.text.search_text import searchable
from models.errors import InvalidInput, NotFound
from models.members import Permission
from models.offers.drafts import OfferDraft, OfferPatch
from models.offers.offers import CapacityBelowClaimed, Offer, OfferLike, OfferState
from models.packs.packs import QuotaUnit
from models.pictures import PictureDraft
from models.quotas import DailyAct
from models.validation import parse
from models.vendors import Vendor, VendorStatus
from services import idempotency, jobs
from services.categories.queries import ensure_choosable, find_choosable
from services.journal import append as journal
from services.journal.topics import vendor_topic
from services.offers.entries import OfferEdited, OfferStateChanged
from services.offers.ranks import note_change
from services.offers.terms import write_terms
from services.packs.quota import needs_packs, use_quota
from services.pictures.places import set_offer_pictures
from services.quotas import ensure_within_quota
from services.vendors.access import access_vendor, works_at
from services.viewer import Viewer

INDEX_BATCH_SIZE = 100
OPEN_STATES = {OfferState.PUBLISHED, OfferState.PAUSED}
PUBLIC_STATES = {*OPEN_STATES, OfferState.EXPIRED}


def live_offers() -> SelectOfScalar[Offer]:
    """Select public offers: published by an approved vendor, and not ended.

    Public lists are read from `models/offers/listings.py`.
    """
    approved = exists_in(
        Vendor, Vendor.id == Offer.vendor_id, Vendor.status == VendorStatus.APPROVED
    )
    return select(Offer).where(*_is_open(), approved)


def _is_open() -> tuple[ColumnElement[bool] | bool, ...]:
    return Offer.state == OfferState.PUBLISHED, Offer.ends_at > current_time()


def visible_offers(viewer: Viewer) -> SelectOfScalar[Offer]:
    """Select live offers, and all offers of the viewer's vendors. Admins see all.

    It is for offers that are found by their ids or texts. With nothing but the OR, PostgreSQL would
    read all.
    """
    if viewer.admin:
        return select(Offer)
    live = live_offers()
    if viewer.user_id is None or live.whereclause is None:
        return live
    own = works_at(viewer.staff, col(Offer.vendor_id), Permission.SEE_OFFERS)
    return select(Offer).where(or_(and_(live.whereclause), own))


def shown_offers() -> SelectOfScalar[Offer]:
    """Select offers once public and not archived: also paused and ended ones.

    Holders of their vouchers and participants of their conversations can still see them.
    """
    return select(Offer).where(col(Offer.state).in_(PUBLIC_STATES))


async def access_offer(session: AsyncSession, viewer: Viewer, offer_id: UUID) -> Offer:
    offer = (await session.exec(visible_offers(viewer).where(Offer.id == offer_id))).first()
    if offer is None:
        raise NotFound
    return offer


async def access_managed_offer(session: AsyncSession, viewer: Viewer, offer_id: UUID) -> Offer:
    """Return an offer that the viewer manages, locked. The vendor is locked shared."""
    viewer.require_user()  # before the row is looked up, so an anonymous caller learns nothing
    vendor_id = (await session.exec(select(Offer.vendor_id).where(Offer.id == offer_id))).first()
    if vendor_id is None:
        raise NotFound
    await access_vendor(session, viewer, vendor_id, Permission.EDIT_OFFERS)
    rows = select(Offer).where(Offer.id == offer_id)
    return (await session.exec(for_change(rows))).one()


async def create_offer(
    session: AsyncSession,
    viewer: Viewer,
    *,
    vendor_id: UUID,
    patch: OfferPatch,
    pictures: Sequence[PictureDraft] = (),
    idempotency_key: str | None = None,
) -> Offer:
    """Create a draft, once per idempotency key.

    Category, location and postal code default to the vendor's. Raises `DailyLimitReached`.
    """
    given = {
        "vendor_id": vendor_id,
        "patch": patch.model_dump(exclude_unset=True, exclude={"reset"}),
    }
    if pictures:  # not in the hashes of keys that older releases stored
        given["pictures"] = [picture.model_dump() for picture in pictures]
    claimed = idempotency_key is not None and await idempotency.claim(
        session, viewer, "createOffer", idempotency_key, **given
    )
    if claimed and claimed.replayed:
        return await access_managed_offer(session, viewer, claimed.replayed)
    vendor = await access_vendor(session, viewer, vendor_id, Permission.EDIT_OFFERS)
    offer = await draft_offer(session, vendor, patch)
    session.add(offer)
    await set_offer_pictures(session, viewer, offer.id, pictures)
    await ensure_within_quota(session, viewer.require_user(), DailyAct.CREATE_OFFER)
    if claimed:
        await idempotency.record_result(session, claimed, offer.id)
    return offer


async def draft_offer(
    session: AsyncSession,
    vendor: Vendor,
    patch: OfferPatch,
    *,
    choosable: Collection[UUID] | None = None,
) -> Offer:
    """Return a new offer of a vendor that is locked, which is not in the session yet.

    With `choosable`, which categories can be chosen is known already.
    """
    defaults = _defaults(vendor)
    draft = parse(OfferDraft, **defaults | patch.values(defaults))
    _ensure_currency(draft, vendor)
    _ensure_pin_codes(patch, vendor)
    category_id = patch.category_id or vendor.category_id
    return Offer(
        vendor_id=vendor.id,
        category_id=await _choose_category(session, category_id, choosable=choosable),
        locale=vendor.locale,
        country=vendor.country,
        currency=vendor.currency,
        search_text=_search_text(draft, vendor),
        **draft.columns(),
    )


async def update_offer(
    session: AsyncSession,
    viewer: Viewer,
    *,
    offer_id: UUID,
    patch: OfferPatch,
    pictures: Sequence[PictureDraft] | None = None,
) -> Offer:
    """Change the values set in the patch. The resulting offer is validated as a whole."""
    offer = await access_managed_offer(session, viewer, offer_id)
    vendor = await session.get_one(Vendor, offer.vendor_id)
    ended_at = offer.ends_at
    await revise(session, offer, vendor, patch)
    await follow_edits(session, [(offer, ended_at)])
    if pictures is not None:
        await set_offer_pictures(session, viewer, offer.id, pictures)
    return offer


async def revise(
    session: AsyncSession,
    offer: Offer,
    vendor: Vendor,
    patch: OfferPatch,
    *,
    choosable: Collection[UUID] | None = None,
) -> None:
    """Change the values set in the patch of an offer that is locked, or of a copy of it."""
    offer.ensure_editable()
    draft = parse(OfferDraft, **_current_values(offer) | patch.values(_defaults(vendor)))
    _ensure_currency(draft, vendor)
    _ensure_pin_codes(patch, vendor)
    if draft.capacity is not None and draft.capacity < offer.claimed:
        raise CapacityBelowClaimed
    for column, value in draft.columns().items():
        setattr(offer, column, value)
    offer.ensure_published_before_end("endsAt")
    default = vendor.category_id if "category_id" in patch.reset else offer.category_id
    offer.category_id = await _choose_category(
        session, patch.category_id or default, kept=offer.category_id, choosable=choosable
    )
    offer.search_text = _search_text(draft, vendor)


async def follow_edits(session: AsyncSession, edited: Sequence[tuple[Offer, datetime]]) -> None:
    """Write what follows from edits of offers, each with its former end.

    These are versions of the terms, jobs at the new ends and about saved searches, and entries.
    Raises `TooManyTerms`.
    """
    for offer, _ in edited:
        await write_terms(session, offer)
        journal.append(session, OfferEdited(offer.id), to=[vendor_topic(offer.vendor_id)])
    moved = [offer for offer, end in edited if offer.state in OPEN_STATES and offer.ends_at != end]
    await jobs.defer_each(
        session,
        "expire_offer",
        at=[offer.ends_at for offer in moved],
        offer_id=[offer.id for offer in moved],
    )
    shown = [offer.id for offer, _ in edited if offer.state is OfferState.PUBLISHED]
    await jobs.defer_each(session, "match_saved_searches", offer_id=shown)


async def publish_offer(
    session: AsyncSession, viewer: Viewer, *, offer_id: UUID, packs_required: bool = False
) -> Offer:
    """Publish an offer. The first time, a job notifies the vendor's followers.

    The first time also uses a unit of the vendor's packs, where they are required: pausing or
    archiving it does not give the unit back, and publishing it again uses none. Raises
    `QuotaUsedUp`.
    """
    offer = await access_managed_offer(session, viewer, offer_id)
    return await publish(session, offer, packs_required=packs_required)


async def publish(session: AsyncSession, offer: Offer, *, packs_required: bool) -> Offer:
    """Publish an offer that is locked, as `publish_offer` does. The vendor is locked shared."""
    vendor = await session.get_one(Vendor, offer.vendor_id)
    vendor.ensure_approved()
    if offer.state is OfferState.PUBLISHED:
        return offer
    offer.ensure_publishable()
    if offer.published_at is None:
        offer.published_at = now()
        if await needs_packs(session, vendor.id, by_default=packs_required):
            await use_quota(session, vendor.id, QuotaUnit.OFFER, offer.id)
        await jobs.defer(session, "notify_followers", offer_id=offer.id)
    await jobs.defer(session, "match_saved_searches", offer_id=offer.id)
    await _defer_expiry(session, offer)
    return _change_state(session, offer, OfferState.PUBLISHED)


async def pause_offer(session: AsyncSession, viewer: Viewer, *, offer_id: UUID) -> Offer:
    """Stop claims until published again. Claimed vouchers stay valid."""
    offer = await access_managed_offer(session, viewer, offer_id)
    return _change_state(session, offer, OfferState.PAUSED)


async def archive_offer(session: AsyncSession, viewer: Viewer, *, offer_id: UUID) -> Offer:
    """Archive an offer for good. Claimed vouchers stay valid until they expire."""
    offer = await access_managed_offer(session, viewer, offer_id)
    return _change_state(session, offer, OfferState.ARCHIVED)


async def like_offer(session: AsyncSession, viewer: Viewer, *, offer_id: UUID) -> Offer:
    """Like an offer. Liking it again changes nothing."""
    user_id = viewer.require_user()
    offer = await access_offer(session, viewer, offer_id)
    like = insert(OfferLike).values(user_id=user_id, offer_id=offer.id, created_at=now())
    await session.exec(like.on_conflict_do_nothing())
    note_change(session, offer.id)
    return offer


async def unlike_offer(session: AsyncSession, viewer: Viewer, *, offer_id: UUID) -> Offer:
    user_id = viewer.require_user()
    offer = await access_offer(session, viewer, offer_id)
    mine = (col(OfferLike.user_id) == user_id, col(OfferLike.offer_id) == offer.id)
    await session.exec(delete(OfferLike).where(*mine))
    note_change(session, offer.id)
    return offer


async def expire_offer(session: AsyncSession, offer_id: UUID) -> None:
    """Expire an ended offer, unless its end was postponed.

    Compares with the database's clock, which started the job. A worker whose clock is behind would
    find it not ended yet, and no other job would expire it.
    """
    rows = select(Offer).where(Offer.id == offer_id, Offer.ends_at <= func.now())
    offer = (await session.exec(for_change(rows))).first()
    if offer is not None and offer.state in OPEN_STATES:
        _change_state(session, offer, OfferState.EXPIRED)


async def index_offers(session: AsyncSession, vendor_id: UUID, after: UUID) -> UUID | None:
    """Update the search text of a batch of a vendor's offers, after its city changed.

    The vendor is locked shared, as for its products. Returns the last offer's id, or None after
    the last batch.
    """
    relied_on = for_reliance(select(Vendor).where(Vendor.id == vendor_id))
    vendor = (await session.exec(relied_on)).one()
    later = select(Offer).where(Offer.vendor_id == vendor_id, Offer.id > after)
    rows = later.order_by(col(Offer.id)).limit(INDEX_BATCH_SIZE)
    batch = (await session.exec(for_change(rows))).all()
    for offer in batch:
        offer.search_text = _search_text(offer, vendor)
    return batch[-1].id if len(batch) == INDEX_BATCH_SIZE else None


def _defaults(vendor: Vendor) -> dict[str, Any]:
    return {
        "description": {},
        "terms": {},
        "capacity": None,
        "per_user_limit": 1,
        "latitude": vendor.latitude,
        "longitude": vendor.longitude,
        "pin_codes": [vendor.pin_code],
    }


async def _choose_category(
    session: AsyncSession,
    category_id: UUID,
    *,
    kept: UUID | None = None,
    choosable: Collection[UUID] | None = None,
) -> UUID:
    """Return the category, unless it is hidden. An offer may keep the one that it has."""
    if category_id != kept:
        known = await find_choosable(session, [category_id]) if choosable is None else choosable
        ensure_choosable(category_id, known)
    return category_id


def _ensure_currency(draft: OfferDraft, vendor: Vendor) -> None:
    if draft.discount.currency not in {None, vendor.currency}:
        path = ["discount", "amount", "currency"]
        raise InvalidInput(
            "The vendor's currency is {currency}. Use it for this amount.",
            currency=vendor.currency,
            field=path,
        )


def _ensure_pin_codes(patch: OfferPatch, vendor: Vendor) -> None:
    for place, code in enumerate(patch.pin_codes or []):
        if not postal_codes.is_valid(code, vendor.country):
            raise InvalidInput(
                "“{code}” is not a postal code of {country}.",
                code=code,
                country=vendor.country,
                field=["pinCodes", str(place)],
            )


async def _defer_expiry(session: AsyncSession, offer: Offer) -> None:
    await jobs.defer(session, "expire_offer", at=offer.ends_at, offer_id=offer.id)


def _change_state(session: AsyncSession, offer: Offer, state: OfferState) -> Offer:
    if offer.state is not state:
        offer.state.ensure_can_become(state)
        offer.state = state
        offer.unschedule()
        journal.append(session, OfferStateChanged(offer.id), to=[vendor_topic(offer.vendor_id)])
    return offer


def _current_values(offer: Offer) -> dict[str, Any]:
    values = offer.model_dump(include=set(OfferDraft.model_fields))
    discount = offer.model_dump(include={"percent", "amount_minor", "buy", "get", "free_item"})
    return values | {"discount": discount}


def _search_text(draft: OfferDraft | Offer, vendor: Vendor) -> str:
    return searchable(*draft.title.values(), vendor.name, vendor.city)
