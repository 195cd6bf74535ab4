"""Pictures of vendors, offers, products and events, set as a whole, in the order of the list."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple
from uuid import UUID

from sqlmodel import col, select, union
from sqlmodel.ext.asyncio.session import AsyncSession

from core.clock import now
from core.database import for_change
from models.errors import InvalidInput, NotFound
from models.pictures import (
    EventPicture,
    OfferPicture,
    PictureDraft,
    ProductPicture,
    VendorImage,
    VendorImageKind,
)
from models.uploads import Upload
from services import jobs
from services.viewer import Viewer

Fields = Mapping[str, Sequence[PictureDraft]]  # the pictures by the name of the input's field
VENDOR_KINDS: Mapping[str, VendorImageKind] = {
    "logo": VendorImageKind.LOGO,
    "cover": VendorImageKind.COVER,
    "gallery": VendorImageKind.GALLERY,
}


class _Place(NamedTuple):
    """The place of a picture, and the path of its upload's id in the input."""

    name: str
    draft: PictureDraft
    position: int

    @property
    def path(self) -> list[str]:
        several = self.name in {"gallery", "pictures"}
        return [self.name, *([str(self.position)] if several else []), "uploadId"]


async def set_vendor_images(
    session: AsyncSession, viewer: Viewer, vendor_id: UUID, given: Fields
) -> None:
    """Replace the pictures in the given fields of a vendor that is locked.

    Raises `NotFound` for an upload that is not the viewer's, and `InvalidInput` for one that is not
    a picture, not ready, or in use.
    """
    kinds = [VENDOR_KINDS[name] for name in given]
    rows = select(VendorImage).where(
        VendorImage.vendor_id == vendor_id, col(VendorImage.kind).in_(kinds)
    )
    current = {image.upload_id: image for image in await session.exec(rows)}
    places = [place for name, drafts in given.items() for place in _places(name, drafts)]
    await _swap(session, viewer, places, current)
    for place in places:
        kind, id = VENDOR_KINDS[place.name], place.draft.upload_id
        image = current.get(id) or VendorImage(vendor_id=vendor_id, upload_id=id, kind=kind)
        image.kind, image.position, image.alt = kind, place.position, place.draft.alt
        session.add(image)


async def set_offer_pictures(
    session: AsyncSession, viewer: Viewer, offer_id: UUID, drafts: Sequence[PictureDraft]
) -> None:
    """Replace the pictures of an offer that is locked. Raises as `set_vendor_images`.

    Those that duplicates of the offer show as well stay attached.
    """
    rows = select(OfferPicture).where(OfferPicture.offer_id == offer_id)
    current = {picture.upload_id: picture for picture in await session.exec(rows)}
    places = _places("pictures", drafts)
    await _swap(session, viewer, places, current)
    for place in places:
        id = place.draft.upload_id
        picture = current.get(id) or OfferPicture(offer_id=offer_id, upload_id=id)
        picture.position, picture.alt = place.position, place.draft.alt
        session.add(picture)


async def set_product_pictures(
    session: AsyncSession, viewer: Viewer, product_id: UUID, drafts: Sequence[PictureDraft]
) -> None:
    """Replace the pictures of a product that is locked. Raises as `set_vendor_images`."""
    current = await _pictures_of_product(session, product_id)
    places = _places("pictures", drafts)
    await _swap(session, viewer, places, current)
    for place in places:
        id = place.draft.upload_id
        picture = current.get(id) or ProductPicture(product_id=product_id, upload_id=id)
        picture.position, picture.alt = place.position, place.draft.alt
        session.add(picture)


async def reorder_product_pictures(
    session: AsyncSession, product_id: UUID, upload_ids: Sequence[UUID]
) -> None:
    """Give the pictures of a product that is locked another order.

    Raises `InvalidInput` unless these are all of them.
    """
    current = await _pictures_of_product(session, product_id)
    if sorted(upload_ids) != sorted(current):
        raise InvalidInput(
            "The pictures have changed. Reload them, and order them again.", field=["uploadIds"]
        )
    for position, id in enumerate(upload_ids):
        current[id].position = position


async def set_event_pictures(
    session: AsyncSession, viewer: Viewer, event_id: UUID, drafts: Sequence[PictureDraft]
) -> None:
    """Replace the pictures of an event that is locked. Raises as `set_vendor_images`.

    Those that copies of the event show as well stay attached.
    """
    rows = select(EventPicture).where(EventPicture.event_id == event_id)
    current = {picture.upload_id: picture for picture in await session.exec(rows)}
    places = _places("pictures", drafts)
    await _swap(session, viewer, places, current)
    for place in places:
        id = place.draft.upload_id
        picture = current.get(id) or EventPicture(event_id=event_id, upload_id=id)
        picture.position, picture.alt = place.position, place.draft.alt
        session.add(picture)


async def _pictures_of_product(
    session: AsyncSession, product_id: UUID
) -> Mapping[UUID, ProductPicture]:
    rows = select(ProductPicture).where(ProductPicture.product_id == product_id)
    return {picture.upload_id: picture for picture in await session.exec(rows)}


def _places(name: str, drafts: Sequence[PictureDraft]) -> list[_Place]:
    return [_Place(name, draft, position) for position, draft in enumerate(drafts)]


async def _swap(
    session: AsyncSession,
    viewer: Viewer,
    places: Sequence[_Place],
    current: Mapping[UUID, VendorImage | OfferPicture | ProductPicture | EventPicture],
) -> None:
    """Attach the uploads that are new, and release those that are not in a place any more."""
    user_id, wanted = viewer.require_user(), {place.draft.upload_id for place in places}
    rows = select(Upload).where(col(Upload.id).in_(wanted ^ current.keys()))
    locked = await session.exec(for_change(rows.order_by(col(Upload.id))))
    uploads = {upload.id: upload for upload in locked}
    used: set[UUID] = set()
    for place in places:
        id = place.draft.upload_id
        try:
            if id in used:
                raise InvalidInput("A picture can be in one place only.")
            if id not in current:
                attach(uploads.get(id), user_id)
        except (InvalidInput, NotFound) as refusal:
            refusal.field = place.path
            raise
        used.add(id)
    left = sorted(current.keys() - wanted)
    for id in left:
        await session.delete(current[id])
    shared = await _find_shared(session, left)
    for id in left:
        if id not in shared:
            await release(session, uploads[id])


async def _find_shared(session: AsyncSession, upload_ids: Sequence[UUID]) -> set[UUID]:
    """Return those of the uploads, which are locked, that other events or offers show."""
    if not upload_ids:
        return set()
    await session.flush()
    of_events = select(EventPicture.upload_id).where(col(EventPicture.upload_id).in_(upload_ids))
    of_offers = select(OfferPicture.upload_id).where(col(OfferPicture.upload_id).in_(upload_ids))
    return set((await session.execute(union(of_events, of_offers))).scalars())


def attach(upload: Upload | None, user_id: UUID) -> None:
    """Attach a picture of the user that is locked. Raises `NotFound` and `InvalidInput`."""
    if upload is None or upload.user_id != user_id:
        raise NotFound
    upload.ensure_picture()
    upload.attached_at = now()


async def release(session: AsyncSession, upload: Upload) -> None:
    """Detach a picture that is locked, and have its objects removed."""
    upload.release()
    await jobs.defer(session, "tidy_upload", upload_id=upload.id)
