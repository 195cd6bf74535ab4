"""Turns the cells of a row into the drafts and patches that mutations use too."""

import re
from typing import Any

from models.catalog.drafts import ProductDraft, ProductPatch, VariantDraft, VariantPatch
from models.catalog.imports import ImportColumn
from models.catalog.products import Product, TaxClass
from models.errors import InvalidInput
from models.validation import parse
from models.vendors import Vendor
from services.catalog.imports.files import Cells
from services.cells import amount_in, require_cell, whole_number_in

BOOLEANS = {"true": True, "yes": True, "false": False, "no": False}
TEXTS = (ImportColumn.TITLE, ImportColumn.DESCRIPTION)
AMOUNTS = (ImportColumn.PRICE, ImportColumn.COMPARE_AT)
NUMBERS = (ImportColumn.WEIGHT_G, ImportColumn.PER_ORDER_MAX)


def product_draft(cells: Cells, vendor: Vendor) -> ProductDraft:
    """Return the new product of a row, whose texts are in the vendor's language."""
    require_cell(cells, ImportColumn.TITLE)
    texts = {name.lower(): {vendor.locale: cells[name]} for name in TEXTS if name in cells}
    return parse(ProductDraft, **texts, **_taxes(cells))


def variant_draft(cells: Cells, vendor: Vendor) -> VariantDraft:
    require_cell(cells, ImportColumn.PRICE)
    values = _variant_values(cells, vendor.currency)
    if ImportColumn.ON_HAND in cells:
        values["on_hand"] = whole_number_in(cells, ImportColumn.ON_HAND)
    return parse(VariantDraft, **values)


def product_patch(cells: Cells, product: Product) -> ProductPatch:
    """Return what a row changes of a product. Texts in other languages are kept."""
    values = _taxes(cells)
    for name in TEXTS:
        if name in cells:
            values[name.lower()] = getattr(product, name.lower()) | {product.locale: cells[name]}
    return parse(ProductPatch, **values)


def variant_patch(cells: Cells, currency: str) -> VariantPatch:
    return parse(VariantPatch, **_variant_values(cells, currency))


def column_of(refusal_field: list[str] | None) -> ImportColumn | None:
    """Return the column that a path in a draft or a patch comes from."""
    first = refusal_field[0] if refusal_field else ""
    name = re.sub(r"(?=[A-Z])", "_", first).upper()
    return ImportColumn(name) if name in {*ImportColumn} else None


def _taxes(cells: Cells) -> dict[str, Any]:
    values: dict[str, Any] = {}
    if ImportColumn.TAX_CLASS in cells:
        name = cells[ImportColumn.TAX_CLASS].upper()
        if name not in {*TaxClass}:
            raise InvalidInput(
                "Choose one of {choices}.", choices=", ".join(TaxClass), field=["taxClass"]
            )
        values["tax_class"] = TaxClass(name)
    if ImportColumn.HSN_CODE in cells:
        values["hsn_code"] = cells[ImportColumn.HSN_CODE]
    return values


def _variant_values(cells: Cells, currency: str) -> dict[str, Any]:
    values: dict[str, Any] = {"sku": cells[ImportColumn.SKU]}
    for name in AMOUNTS:
        if name in cells:
            values[name.lower()] = {"amount_minor": amount_in(cells, name, currency)}
    for name in NUMBERS:
        if name in cells:
            values[name.lower()] = whole_number_in(cells, name)
    if ImportColumn.TRACKS_STOCK in cells:
        values["tracks_stock"] = _boolean(cells, ImportColumn.TRACKS_STOCK)
    return values


def _boolean(cells: Cells, name: ImportColumn) -> bool:
    value = BOOLEANS.get(cells[name].lower())
    if value is None:
        raise InvalidInput("Write true or false.", field=[name.lower()])
    return value
