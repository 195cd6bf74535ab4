"""Loaders of products and variants."""

from typing import Any
from uuid import UUID

from sqlalchemy import Column, Uuid, bindparam, select, true
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import aliased
from sqlmodel import col, func, literal, union_all

from core.statements.selected import AnySelect, Match, Selected, columns_of
from core.statements.statement import KEYS, Statement, any_of
from engine.loaders import Loader, by_id, children, grouped, one_each, valued, visible
from models.catalog.imports import ProductImport, ProductImportRow
from models.catalog.products import Product
from models.catalog.slugs import ProductSlug
from models.catalog.variants import Variant, VariantState
from services.catalog.access import live_products, visible_products, visible_variants
from services.catalog.imports.imports import visible_imports, visible_results
from services.viewer import Viewer

MAX_RELATED = 8
_ORDER = ("created_at", "id")


def _current_slugs(matches: Match) -> AnySelect:
    product_id = col(ProductSlug.product_id)
    current = col(ProductSlug.is_current)
    return select(product_id, col(ProductSlug.slug)).where(current, matches(product_id))


def _variants(selected: Selected | None) -> AnySelect:
    """Select the variants of products in their order."""
    columns = columns_of(Variant, selected, "product_id")
    order = col(Variant.position), col(Variant.id)
    return select(*columns).where(any_of(col(Variant.product_id))).order_by(*order)


def _active(_: object, selected: Selected | None) -> AnySelect:
    return _variants(selected).where(col(Variant.state) == VariantState.ACTIVE)


def _retired(viewer: Viewer, selected: Selected | None) -> AnySelect:
    seen: Any = visible_variants(viewer).with_only_columns(col(Variant.id))
    retired = col(Variant.state) == VariantState.RETIRED
    return _variants(selected).where(retired, col(Variant.id).in_(seen))


def _related(_: object, selected: Selected | None) -> AnySelect:
    """Select live products of the same category, those of the same vendor first.

    Each of the two reads an index in its order, up to the number that is shown.
    """
    ids = func.unnest(bindparam(KEYS, type_=ARRAY(Uuid())))
    own = aliased(Product, name="own")
    parents = ids.table_valued(Column("id", Uuid()), name="parent").render_derived()
    same_vendor = col(Product.vendor_id) == own.vendor_id
    columns = columns_of(Product, selected, *_ORDER)
    newest = col(Product.created_at).desc(), col(Product.id).desc()

    def part(rank: int, condition: Any) -> Any:
        rows: Any = live_products().with_only_columns(*columns, literal(rank).label("rank"))
        others = col(Product.category_id) == own.category_id, col(Product.id) != own.id, condition
        return rows.where(*others).correlate(own).order_by(*newest).limit(MAX_RELATED).subquery()

    parts = part(0, same_vendor), part(1, ~same_vendor)
    both = union_all(*(select(part) for part in parts)).subquery()
    first = both.c.rank, both.c.created_at.desc(), both.c.id.desc()
    found = select(both).correlate(own).order_by(*first).limit(MAX_RELATED).lateral("found")
    shown = [found.c[column.key] for column in columns]
    tables = parents.join(own, col(own.id) == parents.c.id).join(found, true())
    by_rank = found.c.rank, found.c.created_at.desc(), found.c.id.desc()
    return select(*shown, parents.c.id.label("related_to")).select_from(tables).order_by(*by_rank)


_OF_VARIANTS = (
    select(*columns_of(Product), col(Variant.id).label("variant_id"))
    .join(Variant, col(Variant.product_id) == col(Product.id))
    .where(any_of(col(Variant.id)))
)

product_by_id = by_id(Product)
visible_product = visible(Product, visible_products)
variant_by_id = by_id(Variant)
visible_variant = visible(Variant, visible_variants)
slug_of_product: Loader[UUID, str | None] = valued(_current_slugs, None)
variants_of_product = grouped(Variant, "product_id", _active)
retired_variants_of_product = grouped(Variant, "product_id", _retired)
live_products_of_vendor = children(Product, "vendor_id", lambda _: live_products())
product_of_variant: Loader[UUID, Product | None] = one_each(
    Statement(_OF_VARIANTS, Product), "variant_id"
)
products_related_to = grouped(Product, "related_to", _related)
import_by_id = by_id(ProductImport)
visible_import = visible(ProductImport, visible_imports)
visible_import_row = visible(ProductImportRow, visible_results)
