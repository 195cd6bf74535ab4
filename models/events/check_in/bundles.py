"""The tickets of a date as a scanner keeps them: sixteen bytes each."""

import struct
from enum import IntFlag
from typing import NamedTuple
from uuid import UUID

NO_TYPE = 0xFFFF
ID_BYTES = 8  # the last ones of an id: the first are its time, which tickets of an order share
RECORD = struct.Struct(">8sHHBB2x")


class TicketFlag(IntFlag):
    CANCELLED = 1
    INSIDE = 2
    IN_TRANSFER = 4


class BundledTicket(NamedTuple):
    """A ticket in a bundle. `type_index` is its type's place in the bundle's list of types."""

    ticket_id: UUID
    generation: int
    type_index: int
    flags: TicketFlag
    entries: int

    def pack(self) -> bytes:
        """Return the record, big-endian."""
        short = self.ticket_id.bytes[-ID_BYTES:]
        return RECORD.pack(short, self.generation, self.type_index, self.flags, self.entries)
