"""Journal entries of vendors."""

from dataclasses import dataclass
from uuid import UUID

from services.journal.entries import Entry


@dataclass(frozen=True)
class VendorStatusChanged(Entry, kind="vendor.status"):
    vendor_id: UUID
