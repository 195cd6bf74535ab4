"""Journal entries of offers."""

from dataclasses import dataclass
from uuid import UUID

from services.journal.entries import Entry


@dataclass(frozen=True)
class OfferStateChanged(Entry, kind="offer.state"):
    """An offer was published, paused, archived or ended."""

    offer_id: UUID
