"""Journal entries of products."""

from dataclasses import dataclass
from uuid import UUID

from services.journal.entries import Entry


@dataclass(frozen=True)
class ProductChanged(Entry, kind="product.changed"):
    """A product was created, or it, its variants, its pictures or its state changed."""

    product_id: UUID
