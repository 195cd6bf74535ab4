"""Seeds a draft that is published later, and a file of offers that the owner has checked."""

import hashlib
from datetime import datetime, timedelta

from sqlmodel.ext.asyncio.session import AsyncSession

from core.media.file_types import TEXT
from demo.dataset import Dataset, DemoFile, DemoVendor
from demo.identity.accounts import OWNER
from demo.offers.schedules import midnight
from demo.rng import SeededRandom
from demo.vendors.cafe import CAFE
from models.offers.imports import OfferImport
from models.offers.offers import OfferState
from models.uploads import ATTACH_WINDOW, Upload, UploadPurpose, UploadState, stored_key
from services import jobs
from services.offers.imports.batches import import_batch
from services.offers.imports.files import read_offers
from services.offers.imports.imports import finish_import, start_import

PUBLISHED_IN, FIRST_DAY, LAST_DAY = 10, 20, 50  # days
FILE_NAME = "winter-offers.csv"
# Five rows are right. The others have the mistakes that owners make.
ROWS = """id;title;percent;amount;buy;get;starts_at;ends_at;publish_at;capacity;category
WINTER-1;20% off winter breakfasts;20;;;;{first};{last};;200;cafes
WINTER-2;₹75 off a pot of masala chai;;75;;;{first};{last};{publish} 09:00;100;
WINTER-3;Buy two ginger cookies, get one;;;2;1;{first};{last};;;cafes
WINTER-4;15% off gift boxes of beans;15;;;;{first};{last};;50;
WINTER-5;₹200 off the New Year brunch;;200;;;{first};{last};{publish} 18:30;40;
WINTER-6;All hot drinks for free;120;;;;{first};{last};;;cafes
WINTER-7;10% off after the season;10;;;;{last};{first};;;cafes
WINTER-8;25% off plum cake;25;;;;{first};{last};;;bakery-and-cafe
WINTER-1;30% off winter breakfasts;30;;;;{first};{last};;200;cafes
"""


def seed_drafts(rng: SeededRandom, dataset: Dataset) -> None:
    """Schedule the café's draft, and add the file of its owner with a dry run."""
    cafe = next(one for one in dataset.vendors if one.row.name == CAFE["name"])
    draft = next(
        one.row
        for one in dataset.offers
        if one.vendor is cafe and one.row.state is OfferState.DRAFT
    )
    draft.publish_at = midnight(dataset.now, cafe.city.zone, PUBLISHED_IN)
    draft.schedules = 1
    at, owner = dataset.now - timedelta(hours=1), dataset.user_of(OWNER)
    content, id = _file(dataset.now, cafe).encode(), rng.uuid7_at(at)
    upload = Upload(
        id=id,
        created_at=at,
        user_id=owner.id,
        purpose=UploadPurpose.DOCUMENT,
        state=UploadState.READY,
        file_name=FILE_NAME,
        content_type=TEXT,
        size=len(content),
        key=stored_key(id, hashlib.sha256(content).hexdigest()),
        expires_at=dataset.now + ATTACH_WINDOW,
    )
    dataset.uploads.append(upload)
    dataset.files.append(DemoFile(upload.key or "", content, TEXT))
    dataset.offer_import = OfferImport(
        id=rng.uuid7_at(at),
        created_at=at,
        vendor_id=cafe.row.id,
        user_id=owner.id,
        upload_id=id,
        dry_run=True,
    )


def _file(now: datetime, cafe: DemoVendor) -> str:
    first, last, publish = [
        midnight(now, cafe.city.zone, days).astimezone(cafe.city.zone).date()
        for days in (FIRST_DAY, LAST_DAY, PUBLISHED_IN)
    ]
    return ROWS.format(first=first, last=last, publish=publish)


async def check_file(session: AsyncSession, dataset: Dataset) -> None:
    """Run the dry run as its job does, and defer the publication of the draft."""
    imported = dataset.offer_import
    if imported is None:
        return
    content = next(file.content for file in dataset.files if file.content_type == TEXT)
    session.add(imported)
    await session.flush()
    rows = read_offers(content)
    await start_import(session, imported.id, len(rows))
    await import_batch(session, imported.id, rows)
    await finish_import(session, imported.id)
    scheduled = [one.row for one in dataset.offers if one.row.publish_at is not None]
    await jobs.defer_each(
        session,
        "publish_scheduled_offer",
        at=[one.publish_at for one in scheduled if one.publish_at],
        offer_id=[one.id for one in scheduled],
    )
