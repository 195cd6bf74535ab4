"""Offers: made and changed by a vendor's members, liked and claimed by users."""

from typing import Any
from uuid import UUID

from sqlalchemy.dialects.postgresql import insert
from sqlmodel import and_, col, delete, func, or_, select, update
from sqlmodel.ext.asyncio.session import AsyncSession
from sqlmodel.sql.expression import SelectOfScalar

from core.clock import now
from core.codes import new_code
from core.database import for_change, for_reliance
from core.ids import new_id
from core.signing_keys import SigningKeys
from core.text import searchable
from models.errors import InvalidInput, NotFound
from models.offers.drafts import OfferDraft
from models.offers.offers import ClaimLimitReached, Offer, OfferLike, OfferSoldOut, OfferState
from models.redemptions import Voucher, VoucherState
from models.validation import parse
from models.vendors import Category, MemberRole, Vendor, VendorStatus
from services import idempotency, jobs, redemptions
from services.journal import append as journal
from services.journal.topics import user_topic, vendor_topic
from services.offers.entries import OfferStateChanged
from services.vendors import access_vendor, own_vendor_ids
from services.viewer import Viewer

OPEN = {OfferState.PUBLISHED, OfferState.PAUSED}
SHOWN = {*OPEN, OfferState.EXPIRED}


def live_offers() -> SelectOfScalar[Offer]:
    """What anybody may claim or wait for: published by an approved vendor, and not over."""
    approved = select(Vendor.id).where(Vendor.status == VendorStatus.APPROVED)
    return select(Offer).where(
        Offer.state == OfferState.PUBLISHED,
        Offer.ends_at > now(),
        col(Offer.vendor_id).in_(approved),
    )


def visible_offers(viewer: Viewer) -> SelectOfScalar[Offer]:
    """Live ones for everybody, all of their vendors' for members, all for an admin."""
    if viewer.admin:
        return select(Offer)
    live = live_offers()
    if viewer.user_id is None or live.whereclause is None:
        return live
    return select(Offer).where(
        or_(and_(live.whereclause), col(Offer.vendor_id).in_(own_vendor_ids(viewer)))
    )


def shown_offers() -> SelectOfScalar[Offer]:
    """What everybody could see once and is not put away: live ones, paused ones, those over."""
    return select(Offer).where(col(Offer.state).in_(SHOWN))


async def access_offer(session: AsyncSession, viewer: Viewer, offer_id: UUID) -> Offer:
    offer = (await session.exec(visible_offers(viewer).where(Offer.id == offer_id))).first()
    if offer is None:
        raise NotFound
    return offer


async def access_own_offer(session: AsyncSession, viewer: Viewer, offer_id: UUID) -> Offer:
    """An offer of a vendor that the viewer manages, locked, with the vendor relied upon.

    Who isn't signed in is told so, whether there is such an offer or not.
    """
    viewer.require_user()
    vendor_id = (await session.exec(select(Offer.vendor_id).where(Offer.id == offer_id))).first()
    if vendor_id is None:
        raise NotFound
    await access_vendor(session, viewer, vendor_id, MemberRole.MANAGER)
    rows = select(Offer).where(Offer.id == offer_id)
    return (await session.exec(for_change(rows))).one()


async def create_offer(
    session: AsyncSession,
    viewer: Viewer,
    *,
    vendor_id: UUID,
    category_id: UUID | None,
    given: dict[str, Any],
) -> Offer:
    """A draft. Where it doesn't say, it is in the vendor's category and at the vendor's place."""
    vendor = await access_vendor(session, viewer, vendor_id, MemberRole.MANAGER)
    place = {
        "latitude": vendor.latitude,
        "longitude": vendor.longitude,
        "pin_codes": [vendor.pin_code],
    }
    draft = parse(OfferDraft, **place | given)
    _ensure_currency(draft, vendor)
    offer = Offer(
        vendor_id=vendor.id,
        category_id=await _known_category(session, category_id) or vendor.category_id,
        locale=vendor.locale,
        country=vendor.country,
        currency=vendor.currency,
        search_text=_search_text(draft, vendor),
        **draft.columns(),
    )
    session.add(offer)
    return offer


async def update_offer(
    session: AsyncSession,
    viewer: Viewer,
    *,
    offer_id: UUID,
    category_id: UUID | None,
    given: dict[str, Any],
) -> Offer:
    """Change what is given and leave the rest. The whole must still be a sound offer."""
    offer = await access_own_offer(session, viewer, offer_id)
    offer.ensure_editable()
    vendor = await session.get_one(Vendor, offer.vendor_id)
    draft = parse(OfferDraft, **_as_given(offer) | given)
    _ensure_currency(draft, vendor)
    ended_at = offer.ends_at
    for column, value in draft.columns().items():
        setattr(offer, column, value)
    offer.category_id = await _known_category(session, category_id) or offer.category_id
    offer.search_text = _search_text(draft, vendor)
    if offer.state in OPEN and offer.ends_at != ended_at:
        await _defer_end(session, offer)
    return offer


async def publish_offer(session: AsyncSession, viewer: Viewer, *, offer_id: UUID) -> Offer:
    offer = await access_own_offer(session, viewer, offer_id)
    vendor = await session.get_one(Vendor, offer.vendor_id)
    vendor.ensure_approved()
    if offer.state is OfferState.PUBLISHED:
        return offer
    offer.ensure_publishable()
    offer.published_at = offer.published_at or now()
    await _defer_end(session, offer)
    return _change_state(session, offer, OfferState.PUBLISHED)


async def pause_offer(session: AsyncSession, viewer: Viewer, *, offer_id: UUID) -> Offer:
    """No more claims for now; vouchers already claimed stay good."""
    offer = await access_own_offer(session, viewer, offer_id)
    return _change_state(session, offer, OfferState.PAUSED)


async def archive_offer(session: AsyncSession, viewer: Viewer, *, offer_id: UUID) -> Offer:
    """Put away for good; vouchers already claimed stay good until they expire."""
    offer = await access_own_offer(session, viewer, offer_id)
    return _change_state(session, offer, OfferState.ARCHIVED)


async def like_offer(session: AsyncSession, viewer: Viewer, *, offer_id: UUID) -> Offer:
    """Liking twice is liking once."""
    user_id = viewer.require_user()
    offer = await access_offer(session, viewer, offer_id)
    like = insert(OfferLike).values(user_id=user_id, offer_id=offer.id, created_at=now())
    await session.exec(like.on_conflict_do_nothing())
    return offer


async def unlike_offer(session: AsyncSession, viewer: Viewer, *, offer_id: UUID) -> Offer:
    user_id = viewer.require_user()
    offer = await access_offer(session, viewer, offer_id)
    mine = (col(OfferLike.user_id) == user_id, col(OfferLike.offer_id) == offer.id)
    await session.exec(delete(OfferLike).where(*mine))
    return offer


async def claim_offer(
    session: AsyncSession,
    viewer: Viewer,
    keys: SigningKeys,
    *,
    offer_id: UUID,
    idempotency_key: str,
) -> Voucher:
    """A voucher of a live offer for the viewer.

    Raises `NotFound`, `VendorNotApproved`, the offer's own refusals (not
    claimable, not started, ended, sold out), and `ClaimLimitReached`.
    """
    request = await idempotency.begin(
        session, viewer, "claimOffer", idempotency_key, offer_id=offer_id
    )
    if request.result:
        voucher_id = UUID(request.result["voucher_id"])
        return await redemptions.access_voucher(session, viewer, voucher_id)

    await _rely_on_vendor(session, offer_id)
    offer = await _take_one(session, viewer, offer_id)
    voucher_id = new_id()
    voucher = Voucher(
        id=voucher_id,
        offer_id=offer.id,
        vendor_id=offer.vendor_id,
        user_id=viewer.require_user(),
        claim_number=await _next_claim_number(session, viewer, offer),
        code=new_code(),
        token=keys.sign_voucher(voucher_id, generation=1),
        starts_at=offer.starts_at,
        expires_at=offer.ends_at,
    )
    session.add(voucher)
    topics = user_topic(voucher.user_id), vendor_topic(voucher.vendor_id)
    journal.append(session, redemptions.VoucherClaimed(voucher.id, offer.id), to=topics)
    await idempotency.keep(session, request, voucher_id=voucher.id)
    return voucher


async def expire_offer(session: AsyncSession, offer_id: UUID) -> None:
    """End an offer whose time has come; one whose window was moved is left alone.

    By the clock of the database, by which the job was due: a worker's own may be behind.
    """
    rows = select(Offer).where(Offer.id == offer_id, Offer.ends_at <= func.now())
    offer = (await session.exec(for_change(rows))).first()
    if offer is not None and offer.state in OPEN:
        _change_state(session, offer, OfferState.EXPIRED)


async def _rely_on_vendor(session: AsyncSession, offer_id: UUID) -> None:
    """Vendor before offer, as everywhere: an approval withdrawn now waits for this claim."""
    rows = select(Vendor).join(Offer, col(Offer.vendor_id) == Vendor.id)
    vendor = (await session.exec(for_reliance(rows.where(Offer.id == offer_id), of=Vendor))).first()
    if vendor is None:
        raise NotFound
    vendor.ensure_approved()


async def _take_one(session: AsyncSession, viewer: Viewer, offer_id: UUID) -> Offer:
    """Count one more claim, if there is one left and the offer is open.

    One guarded update that reads only its own row, so that no two claims can
    see the same last one.
    """
    one_more = (
        update(Offer)
        .where(
            col(Offer.id) == offer_id,
            col(Offer.state) == OfferState.PUBLISHED,
            col(Offer.starts_at) <= now(),
            col(Offer.ends_at) > now(),
            or_(col(Offer.capacity).is_(None), col(Offer.claimed) < col(Offer.capacity)),
        )
        .values(claimed=col(Offer.claimed) + 1)
        .returning(Offer)
    )
    taken = await session.scalar(one_more)
    if taken is not None:
        return taken
    offer = (await session.exec(select(Offer).where(Offer.id == offer_id))).first()
    if offer is None or offer.state is OfferState.DRAFT:
        raise NotFound
    offer.ensure_claimable()
    raise OfferSoldOut


async def _next_claim_number(session: AsyncSession, viewer: Viewer, offer: Offer) -> int:
    """The lowest free turn of the viewer. The offer's row, locked by now, keeps it free."""
    rows = select(Voucher.claim_number).where(
        Voucher.offer_id == offer.id,
        Voucher.user_id == viewer.require_user(),
        Voucher.state != VoucherState.CANCELLED,
    )
    used = set((await session.exec(rows)).all())
    free = next((n for n in range(1, offer.per_user_limit + 1) if n not in used), None)
    if free is None:
        raise ClaimLimitReached
    return free


async def _known_category(session: AsyncSession, category_id: UUID | None) -> UUID | None:
    if category_id is not None and await session.get(Category, category_id) is None:
        raise InvalidInput(
            "This category does not exist. Choose another one.", field=["categoryId"]
        )
    return category_id


def _ensure_currency(draft: OfferDraft, vendor: Vendor) -> None:
    if draft.discount.currency not in {None, vendor.currency}:
        path = ["discount", "amount", "currency"]
        raise InvalidInput(
            "The vendor's currency is {currency}. Use it for this amount.",
            currency=vendor.currency,
            field=path,
        )


async def _defer_end(session: AsyncSession, offer: Offer) -> None:
    await jobs.defer(session, "expire_offer", at=offer.ends_at, offer_id=offer.id)


def _change_state(session: AsyncSession, offer: Offer, state: OfferState) -> Offer:
    if offer.state is not state:
        offer.state.ensure_can_become(state)
        offer.state = state
        journal.append(session, OfferStateChanged(offer.id), to=[vendor_topic(offer.vendor_id)])
    return offer


def _as_given(offer: Offer) -> dict[str, Any]:
    values = offer.model_dump(include=set(OfferDraft.model_fields))
    discount = offer.model_dump(include={"percent", "amount_minor", "buy", "get", "free_item"})
    return values | {"discount": discount}


def _search_text(draft: OfferDraft, vendor: Vendor) -> str:
    return searchable(*draft.title.values(), vendor.name, vendor.city)
