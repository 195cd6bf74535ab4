"""Journal entries of products."""

from dataclasses import dataclass
from uuid import UUID

from services.journal.entries import Entry


@dataclass(frozen=True)
class ProductChanged(Entry, kind="product.changed"):
    """A product was created, or it, its variants, its pictures or its state changed."""

    product_id: UUID


@dataclass(frozen=True)
class ProductImportChanged(Entry, kind="product_import.changed"):
    """An import was asked for, started or ended, or has read some more rows."""

    import_id: UUID
