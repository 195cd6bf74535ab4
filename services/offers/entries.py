"""Journal entries of offers."""

from dataclasses import dataclass
from uuid import UUID

from services.journal.entries import Entry


@dataclass(frozen=True)
class OfferStateChanged(Entry, kind="offer.state"):
    offer_id: UUID


@dataclass(frozen=True)
class OfferEdited(Entry, kind="offer.edited"):
    """Values of an offer were changed, such as its texts, capacity or times."""

    offer_id: UUID


@dataclass(frozen=True)
class OfferImportChanged(Entry, kind="offer_import.changed"):
    """An import was asked for, started or ended, or has read some more rows."""

    import_id: UUID
