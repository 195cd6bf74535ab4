"""Journal entries of stock."""

from dataclasses import dataclass
from uuid import UUID

from services.journal.entries import Entry


@dataclass(frozen=True)
class StockChanged(Entry, kind="stock.changed"):
    """Units of a variant came, went, or were reserved or released."""

    stock_id: UUID
