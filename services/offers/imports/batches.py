"""Applies the rows of an import in batches, each in a transaction with the results of its rows."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from pydantic import TypeAdapter, ValidationError
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from core.database import for_change
from core.text.cleaning import clean_line
from models.catalog.imports import MAX_MESSAGE_LENGTH, ImportOutcome
from models.categories import Category
from models.errors import InvalidInput, Refusal
from models.identity.accounts import User
from models.members import Permission
from models.offers.drafts import COPIED
from models.offers.imports import OfferColumn, OfferImport, OfferImportRow
from models.offers.offers import ExternalId, Offer, OfferState
from models.quotas import DailyAct
from models.validation import EMPTY
from models.vendors import Vendor
from services import jobs
from services.i18n import translate
from services.offers.imports import cells
from services.offers.imports.files import OfferRow
from services.offers.imports.imports import announce_import, lock_import
from services.offers.offers import draft_offer, follow_edit, revise
from services.quotas import ensure_within_quota
from services.vendors.access import access_vendor
from services.viewer import Viewer

BATCH_SIZE = 100
ID = TypeAdapter[str](ExternalId)
KEPT = {"state", "claimed", "published_at", "publish_at", "publish_failure", "schedules"}
# The columns that an import can change. The search text follows them.
CHANGEABLE = {*COPIED, "publish_at"} - {"vendor_id", "locale", "country", "currency", "search_text"}


async def import_batch(session: AsyncSession, import_id: UUID, rows: Sequence[OfferRow]) -> None:
    """Apply the rows of a batch that have no result yet, and record their results.

    The import is locked, so that two runs of its job do no row twice. A vendor for which offers are
    created is locked to change it, so that two imports create no offer twice. Raises `NotFound` if
    the user may not edit its offers any more.
    """
    imported = await lock_import(session, import_id)
    if imported.over:
        return
    left = [row for row in rows if row.number > imported.done_rows]
    if not left:
        return
    ids = {id for row in left if (id := valid_id(row))}
    known = (Offer.vendor_id == imported.vendor_id, col(Offer.external_id).in_(ids))
    found = await session.exec(select(Offer.external_id).where(*known))
    creates = ids > set(found.all()) and not imported.dry_run
    viewer, permission = Viewer(imported.user_id), Permission.EDIT_OFFERS
    vendor = await access_vendor(session, viewer, imported.vendor_id, permission, change=creates)
    offers = (
        await session.exec(for_change(select(Offer).where(*known).order_by(col(Offer.id))))
    ).all()
    batch = _Batch(
        session,
        imported,
        vendor,
        await session.get_one(User, imported.user_id),
        {offer.external_id: offer for offer in offers},
        await _find_categories(session, left),
    )
    for row in left:
        await batch.import_row(row)
    announce_import(session, imported)


def valid_id(row: OfferRow) -> str | None:
    try:
        return ID.validate_python(row.cells.get(OfferColumn.ID))
    except ValidationError:
        return None


async def _find_categories(session: AsyncSession, rows: Sequence[OfferRow]) -> Mapping[str, UUID]:
    """Return the categories that rows name by their slugs."""
    slugs = {row.cells.get(OfferColumn.CATEGORY) for row in rows} - {None}
    found = select(Category.slug, Category.id).where(col(Category.slug).in_(slugs))
    return dict((await session.exec(found)).all()) if slugs else {}


@dataclass(frozen=True)
class _Batch:
    """The rows of one transaction. A row that is refused changes nothing before it is."""

    session: AsyncSession
    imported: OfferImport
    vendor: Vendor
    user: User
    offers: Mapping[str | None, Offer]
    categories: Mapping[str, UUID]

    async def import_row(self, row: OfferRow) -> None:
        try:
            outcome, offer_id = await self._apply(row)
        except Refusal as refusal:
            message = clean_line(translate(refusal, [self.user.locale]))
            self._record(
                row,
                ImportOutcome.REFUSED,
                code=refusal.code,
                message=message[:MAX_MESSAGE_LENGTH].rstrip(),
                column_name=cells.column_of(refusal.field),
            )
        else:
            self._record(row, outcome, offer_id=offer_id)

    async def _apply(self, row: OfferRow) -> tuple[ImportOutcome, UUID | None]:
        if row.too_long:
            raise InvalidInput("This row has more cells than the first row.")
        if OfferColumn.ID not in row.cells:
            raise InvalidInput(EMPTY, field=["id"])
        if row.repeats:
            raise InvalidInput("An earlier row has this id. Keep one of them.", field=["id"])
        try:
            external_id = ID.validate_python(row.cells[OfferColumn.ID])
        except ValidationError as error:
            raise InvalidInput(
                "An id has at most 64 characters, and none that is invisible.", field=["id"]
            ) from error
        offer = self.offers.get(external_id)
        if offer is None:
            return await self._create(row, external_id)
        return await self._update(row, offer), offer.id

    async def _create(self, row: OfferRow, external_id: str) -> tuple[ImportOutcome, UUID | None]:
        cells.ensure_complete(row.cells)
        patch = cells.offer_patch(row.cells, self.vendor, self.categories, None)
        offer = await draft_offer(self.session, self.vendor, patch)
        offer.external_id = external_id
        self._schedule(row, offer)
        if self.imported.dry_run:
            return ImportOutcome.CREATED, None
        await ensure_within_quota(self.session, self.user.id, DailyAct.IMPORT_OFFER)
        self.session.add(offer)
        await self._defer_publication(offer)
        return ImportOutcome.CREATED, offer.id

    async def _update(self, row: OfferRow, offer: Offer) -> ImportOutcome:
        """Change an offer, if a value differs. Cells that are empty change nothing."""
        copy = Offer(**offer.model_dump(include=COPIED | KEPT))
        patch = cells.offer_patch(row.cells, self.vendor, self.categories, offer)
        await revise(self.session, copy, self.vendor, patch)
        self._schedule(row, copy)
        changed = {name for name in CHANGEABLE if getattr(copy, name) != getattr(offer, name)}
        if not changed:
            return ImportOutcome.UNCHANGED
        if not self.imported.dry_run:
            ended_at, publish_at = offer.ends_at, offer.publish_at
            for name in changed | {"search_text", "publish_failure", "schedules"}:
                setattr(offer, name, getattr(copy, name))
            await follow_edit(self.session, offer, ended_at)
            if offer.publish_at != publish_at:
                await self._defer_publication(offer)
        return ImportOutcome.UPDATED

    def _schedule(self, row: OfferRow, offer: Offer) -> None:
        """Schedule a draft if the row has another time for it. One that was published keeps it."""
        if OfferColumn.PUBLISH_AT not in row.cells:
            return
        moment = cells.time_in(row.cells, OfferColumn.PUBLISH_AT, self.vendor)
        if offer.publish_at != moment and offer.state is OfferState.DRAFT:
            self.vendor.ensure_approved()
            offer.schedule(moment)

    async def _defer_publication(self, offer: Offer) -> None:
        if offer.publish_at is not None:
            await jobs.defer(
                self.session, "publish_scheduled_offer", at=offer.publish_at, offer_id=offer.id
            )

    def _record(self, row: OfferRow, outcome: ImportOutcome, **values: Any) -> None:
        self.imported.count(outcome)
        self.session.add(
            OfferImportRow(
                import_id=self.imported.id,
                number=row.number,
                external_id=valid_id(row),
                outcome=outcome,
                **values,
            )
        )
