"""Turns the cells of a row into the patch that mutations use too."""

import re
from collections.abc import Mapping
from datetime import date, datetime, time, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from models.errors import InvalidInput
from models.offers.drafts import OfferPatch
from models.offers.imports import OfferColumn
from models.offers.offers import Offer
from models.validation import parse
from models.vendors import Vendor
from services.cells import amount_in, require_cell, whole_number_in
from services.offers.imports.files import Cells

TEXTS = (OfferColumn.TITLE, OfferColumn.DESCRIPTION, OfferColumn.TERMS)
NUMBERS = (OfferColumn.CAPACITY, OfferColumn.PER_USER_LIMIT)
PAIR = {OfferColumn.BUY, OfferColumn.GET}
DISCOUNTS = {OfferColumn.PERCENT, OfferColumn.AMOUNT, OfferColumn.FREE_ITEM, *PAIR}
REQUIRED = (OfferColumn.TITLE, OfferColumn.STARTS_AT, OfferColumn.ENDS_AT)
LIST_SEPARATOR = re.compile(r"[\s,;|]+")
COLUMN_OF = {"categoryId": OfferColumn.CATEGORY}


def ensure_complete(cells: Cells) -> None:
    """Raise `InvalidInput` unless a row has what a new offer needs."""
    for name in REQUIRED:
        require_cell(cells, name)
    if not DISCOUNTS & cells.keys():
        require_cell(cells, OfferColumn.PERCENT)


def offer_patch(
    cells: Cells, vendor: Vendor, categories: Mapping[str, UUID], offer: Offer | None
) -> OfferPatch:
    """Return what a row sets of an offer, or of a new one.

    Texts are in the offer's language, and those in other languages are kept.
    """
    values: dict[str, Any] = {}
    locale = offer.locale if offer else vendor.locale
    for name in TEXTS:
        if name in cells:
            known = getattr(offer, name.lower()) if offer else {}
            values[name.lower()] = known | {locale: cells[name]}
    for name in NUMBERS:
        if name in cells:
            values[name.lower()] = whole_number_in(cells, name)
    for name in (OfferColumn.STARTS_AT, OfferColumn.ENDS_AT):
        if name in cells:
            values[name.lower()] = time_in(cells, name, vendor)
    if OfferColumn.PIN_CODES in cells:
        values["pin_codes"] = LIST_SEPARATOR.split(cells[OfferColumn.PIN_CODES])
    if OfferColumn.CATEGORY in cells:
        values["category_id"] = _category(cells, categories)
    if DISCOUNTS & cells.keys():
        values["discount"] = _discount(cells, vendor, offer, locale)
    return parse(OfferPatch, **values)


def time_in(cells: Cells, name: OfferColumn, vendor: Vendor) -> datetime:
    """Return a time, in the vendor's time zone unless its offset is written.

    A date alone is its first second, and as the end of an offer its last one.
    """
    written = cells[name]
    try:
        found = datetime.fromisoformat(written)
    except ValueError as error:
        raise InvalidInput(
            "Write the time as 2026-12-31 18:30, in the time zone of the business.",
            field=[name.lower()],
        ) from error
    if name is OfferColumn.ENDS_AT and _is_date(written):
        found = datetime.combine(found.date() + timedelta(days=1), time())
    return found if found.tzinfo else found.replace(tzinfo=ZoneInfo(vendor.time_zone))


def column_of(refusal_field: list[str] | None) -> OfferColumn | None:
    """Return the column that a path in a patch comes from: that of its last known part."""
    for part in reversed(refusal_field or []):
        name = re.sub(r"(?=[A-Z])", "_", part).upper()
        if part in COLUMN_OF or name in {*OfferColumn}:
            return COLUMN_OF.get(part) or OfferColumn(name)
    return None


def _is_date(written: str) -> bool:
    try:
        date.fromisoformat(written)
    except ValueError:
        return False
    return True


def _category(cells: Cells, categories: Mapping[str, UUID]) -> UUID:
    found = categories.get(cells[OfferColumn.CATEGORY])
    if found is None:
        raise InvalidInput("This category does not exist. Choose another one.", field=["category"])
    return found


def _discount(cells: Cells, vendor: Vendor, offer: Offer | None, locale: str) -> dict[str, Any]:
    given = DISCOUNTS & cells.keys()
    if given == PAIR:
        pair = {name.lower(): whole_number_in(cells, name) for name in sorted(PAIR)}
        return {"buy_get": pair}
    if len(given) != 1 or given < PAIR:
        raise InvalidInput(
            "Give one discount: percent, amount, buy and get, or free_item.",
            field=[min(given).lower()],
        )
    if OfferColumn.PERCENT in given:
        return {"percent": whole_number_in(cells, OfferColumn.PERCENT)}
    if OfferColumn.AMOUNT in given:
        return {"amount": {"amount_minor": amount_in(cells, OfferColumn.AMOUNT, vendor.currency)}}
    known = (offer.free_item if offer else None) or {}
    return {"free_item": known | {locale: cells[OfferColumn.FREE_ITEM]}}
