"""Applies the rows of an import in batches, each in a transaction with the results of its rows."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
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
from models.offers.terms import OfferTerms
from models.quotas import DailyAct, DailyLimitReached
from models.validation import EMPTY
from models.vendors import Vendor
from services import jobs
from services.categories.queries import find_choosable
from services.i18n import translate
from services.offers.imports import cells
from services.offers.imports.files import OfferRow
from services.offers.imports.imports import announce_import, lock_import
from services.offers.offers import draft_offer, follow_edits, revise
from services.quotas import count_acts, find_quota
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
    batch = await _read_batch(session, imported, left)
    with session.no_autoflush:  # so that the rows are written together
        for row in left:
            await batch.import_row(row)
        await batch.finish()
    announce_import(session, imported)


async def _read_batch(
    session: AsyncSession, imported: OfferImport, rows: Sequence[OfferRow]
) -> "_Batch":
    """Lock the vendor and the offers of rows, and read what the rows are checked with."""
    ids = {id for row in rows if (id := valid_id(row))}
    known = (Offer.vendor_id == imported.vendor_id, col(Offer.external_id).in_(ids))
    found = await session.exec(select(Offer.external_id).where(*known))
    creates = ids > set(found.all()) and not imported.dry_run
    viewer, permission = Viewer(imported.user_id), Permission.EDIT_OFFERS
    vendor = await access_vendor(session, viewer, imported.vendor_id, permission, change=creates)
    locked = for_change(select(Offer).where(*known).order_by(col(Offer.id)))
    offers = (await session.exec(locked)).all()
    categories = await _find_categories(session, rows)
    return _Batch(
        session,
        imported,
        vendor,
        await session.get_one(User, imported.user_id),
        {offer.external_id: offer for offer in offers},
        await _find_terms(session, offers),
        categories,
        await find_choosable(session, {vendor.category_id, *categories.values()}),
    )


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


async def _find_terms(
    session: AsyncSession, offers: Sequence[Offer]
) -> Mapping[UUID | None, OfferTerms]:
    """Return the newest terms of offers, by their ids."""
    ids = {offer.terms_id for offer in offers if offer.terms_id}
    found = select(OfferTerms).where(col(OfferTerms.id).in_(ids))
    return {terms.id: terms for terms in await session.exec(found)} if ids else {}


@dataclass(frozen=True)
class _Batch:
    """The rows of one transaction. A row that is refused changes nothing before it is.

    What follows from the rows is written together at the end, in as many statements for a hundred
    rows as for one.
    """

    session: AsyncSession
    imported: OfferImport
    vendor: Vendor
    user: User
    offers: Mapping[str | None, Offer]
    terms: Mapping[UUID | None, OfferTerms]
    categories: Mapping[str, UUID]
    choosable: Collection[UUID]
    created: list[tuple[OfferRow, Offer]] = field(default_factory=list)
    edited: list[tuple[Offer, datetime]] = field(default_factory=list)  # with their former ends
    publications: dict[UUID, datetime] = field(default_factory=dict)

    async def import_row(self, row: OfferRow) -> None:
        try:
            external_id = _require_id(row)
            offer = self.offers.get(external_id)
            if offer is not None:
                outcome = await self._update(row, offer)
                self._record(row, outcome, offer_id=offer.id)
            else:
                self.created.append((row, await self._draft(row, external_id)))
        except Refusal as refusal:
            self._refuse(row, refusal)

    async def finish(self) -> None:
        """Add the new offers, and write what follows from all rows."""
        added = self.created if self.imported.dry_run else await self._within_quota()
        for row, offer in added:
            if self.imported.dry_run:
                self._record(row, ImportOutcome.CREATED)
                continue
            self.session.add(offer)
            self._record(row, ImportOutcome.CREATED, offer_id=offer.id)
            self._publish_later(offer)
        await follow_edits(self.session, self.edited)
        await jobs.defer_each(
            self.session,
            "publish_scheduled_offer",
            at=[*self.publications.values()],
            offer_id=[*self.publications],
        )

    async def _within_quota(self) -> Sequence[tuple[OfferRow, Offer]]:
        """Return the new offers that the quota allows. The rows of the others are refused."""
        user_id, act = self.user.id, DailyAct.IMPORT_OFFER
        allowed = await count_acts(self.session, user_id, act, len(self.created))
        if allowed < len(self.created):
            refusal = DailyLimitReached(await find_quota(self.session, user_id, act))
            for row, _ in self.created[allowed:]:
                self._refuse(row, refusal)
        return self.created[:allowed]

    async def _draft(self, row: OfferRow, external_id: str) -> Offer:
        cells.ensure_complete(row.cells)
        patch = cells.offer_patch(row.cells, self.vendor, self.categories, None)
        offer = await draft_offer(self.session, self.vendor, patch, choosable=self.choosable)
        offer.external_id = external_id
        self._schedule(row, offer)
        return offer

    async def _update(self, row: OfferRow, offer: Offer) -> ImportOutcome:
        """Change an offer, if a value differs. Cells that are empty change nothing."""
        copy = Offer(**offer.model_dump(include=COPIED | KEPT))
        patch = cells.offer_patch(row.cells, self.vendor, self.categories, offer)
        await revise(self.session, copy, self.vendor, patch, choosable=self.choosable)
        self._schedule(row, copy)
        changed = {name for name in CHANGEABLE if getattr(copy, name) != getattr(offer, name)}
        if not changed:
            return ImportOutcome.UNCHANGED
        if "terms" in changed and offer.terms_id:
            self.terms[offer.terms_id].ensure_followable()
        if not self.imported.dry_run:
            ended_at, publish_at = offer.ends_at, offer.publish_at
            for name in changed | {"search_text", "publish_failure", "schedules"}:
                setattr(offer, name, getattr(copy, name))
            self.edited.append((offer, ended_at))
            if offer.publish_at != publish_at:
                self._publish_later(offer)
        return ImportOutcome.UPDATED

    def _schedule(self, row: OfferRow, offer: Offer) -> None:
        """Schedule a draft if the row has another time for it. One that was published keeps it."""
        if OfferColumn.PUBLISH_AT not in row.cells:
            return
        moment = cells.time_in(row.cells, OfferColumn.PUBLISH_AT, self.vendor)
        if offer.publish_at != moment and offer.state is OfferState.DRAFT:
            self.vendor.ensure_approved()
            offer.schedule(moment)

    def _publish_later(self, offer: Offer) -> None:
        if offer.publish_at is not None:
            self.publications[offer.id] = offer.publish_at

    def _refuse(self, row: OfferRow, refusal: Refusal) -> None:
        message = clean_line(translate(refusal, [self.user.locale]))
        self._record(
            row,
            ImportOutcome.REFUSED,
            code=refusal.code,
            message=message[:MAX_MESSAGE_LENGTH].rstrip(),
            column_name=cells.column_of(refusal.field),
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


def _require_id(row: OfferRow) -> str:
    """Return the id of a row. Raises `InvalidInput` for a row that no offer can be of."""
    if row.too_long:
        raise InvalidInput("This row has more cells than the first row.")
    if OfferColumn.ID not in row.cells:
        raise InvalidInput(EMPTY, field=["id"])
    if row.repeats:
        raise InvalidInput("An earlier row has this id. Keep one of them.", field=["id"])
    external_id = valid_id(row)
    if external_id is None:
        raise InvalidInput(
            "An id has at most 64 characters, and none that is invisible.", field=["id"]
        )
    return external_id
