"""Journal entries of offers."""

from dataclasses import dataclass
from uuid import UUID

from services.journal.entries import Entry


@dataclass(frozen=True)
class OfferStateChanged(Entry, kind="offer.state"):
    offer_id: UUID
