"""Signs the vouchers, inserts all rows, and defers the expiry of offers."""

from collections.abc import Callable, Iterator, Sequence
from typing import TypeVar
from uuid import UUID

from sqlalchemy import text
from sqlmodel.ext.asyncio.session import AsyncSession

import models.registry  # noqa: F401 - foreign keys reference tables without demo data
from core.ids import FIRST_ID
from core.security.signing_keys import SigningKeys
from demo.dataset import Dataset
from demo.vendors.cafe import CAFE
from gateways.storage.base import ObjectStorage
from models.offers.offers import Offer
from services import jobs
from services.offers.facet_counts import count_listings
from services.offers.listings import write_listings
from services.offers.suggested_names import (
    suggest_categories,
    suggest_cities,
    suggest_vendors,
)
from services.offers.vocabulary import count_terms
from services.pictures.sizes import make_later

Progress = Callable[[str, int, int], None]  # label, items done, items in total
Item = TypeVar("Item")

BATCH_SIZE = 500

# Redemptions count them one by one.
COUNT_VISITS = text(
    """
    INSERT INTO vendor_visit (vendor_id, user_id, visits, first_at)
    SELECT redemption.vendor_id, voucher.user_id, count(*), min(redemption.created_at)
    FROM redemption JOIN voucher ON voucher.id = redemption.voucher_id
    WHERE (outcome = 'APPROVED' AND reversed_at IS NULL) OR outcome = 'HELD'
    GROUP BY redemption.vendor_id, voucher.user_id
    """
)


def sign_vouchers(dataset: Dataset, keys: SigningKeys, progress: Progress) -> None:
    for batch in _batches("signatures", dataset.vouchers, progress):
        for voucher in batch:
            voucher.token = keys.sign_voucher(voucher.id, voucher.generation, voucher.offer_id)


async def insert_rows(session: AsyncSession, dataset: Dataset, progress: Progress) -> None:
    for label, rows in dataset.tables():
        for batch in _batches(label, rows, progress):
            session.add_all(batch)
            await session.flush()
            session.expunge_all()
    await write_listings(session)
    await session.execute(COUNT_VISITS)
    await _count_listings(session)


async def _count_listings(session: AsyncSession) -> None:
    """Count listed offers and their words, and write suggestions, as jobs do."""
    while await count_terms(session):
        pass
    await count_listings(session)
    await suggest_categories(session)
    await suggest_cities(session)
    last: UUID | None = FIRST_ID
    while last is not None:
        last = await suggest_vendors(session, last)


async def write_files(objects: ObjectStorage, dataset: Dataset, progress: Progress) -> None:
    for batch in _batches("pictures", dataset.files, progress):
        for key, content, content_type in batch:
            await objects.write(key, content, content_type)


async def defer_expiry(session: AsyncSession, dataset: Dataset, progress: Progress) -> None:
    offers = [offer.row for offer in dataset.offers if _will_end(offer.row, dataset)]
    for batch in _batches("jobs", offers, progress):
        await jobs.defer_each(
            session,
            "expire_offer",
            at=[offer.ends_at for offer in batch],
            offer_id=[offer.id for offer in batch],
        )


async def defer_sizes(session: AsyncSession, dataset: Dataset) -> None:
    """Have the sizes of the café's pictures made. An hourly job makes those of the others."""
    cafe = next(vendor.row for vendor in dataset.vendors if vendor.row.name == CAFE["name"])
    events = {one.row.id for one in dataset.programmes if one.row.vendor_id == cafe.id}
    images = [one.upload_id for one in dataset.vendor_images if one.vendor_id == cafe.id]
    images += [one.upload_id for one in dataset.event_pictures if one.event_id in events]
    for upload_id in images:
        await make_later(session, upload_id)
    await session.flush()


def _will_end(offer: Offer, dataset: Dataset) -> bool:
    return offer.published_at is not None and offer.ends_at > dataset.now


def _batches(label: str, items: Sequence[Item], progress: Progress) -> Iterator[Sequence[Item]]:
    """Yield slices. A slice counts as done when the next one is requested."""
    for start in range(0, len(items), BATCH_SIZE):
        progress(label, start, len(items))
        yield items[start : start + BATCH_SIZE]
    progress(label, len(items), len(items))
