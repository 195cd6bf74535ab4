"""Screens in waiting rooms, which name no customer."""

from datetime import datetime
from uuid import UUID

from pydantic import BaseModel
from sqlalchemy import CheckConstraint, Index
from sqlmodel import Field

from models.base import Row, foreign_key, timestamp
from models.bookings.setting_up.resources import ResourceName
from models.errors import Refusal
from models.personal_data import of_others
from models.text import one_line_constraint

MAX_DISPLAYS = 10  # of a vendor, without revoked ones
DISPLAY_KEY_BYTES = 32  # of the hash


class WaitingRoomDisplay(Row, table=True):
    """A screen of a vendor. Its key shows the waiting room, and nothing else.

    The key is shown once, and hashed.
    """

    __tablename__ = "waiting_room_display"
    __table_args__ = (
        one_line_constraint("name"),
        CheckConstraint(f"octet_length(key_hash) = {DISPLAY_KEY_BYTES}", name="key_hash"),
        Index("waiting_room_display_vendor_id_idx", "vendor_id", "created_at", "id"),
    )
    __privacy__ = of_others(id="created_by_id", none="name key_hash")

    vendor_id: UUID = foreign_key("vendor", index=False)
    created_by_id: UUID = foreign_key("user")
    name: ResourceName = Field(max_length=80)
    key_hash: bytes = Field(unique=True)
    revoked_at: datetime | None = timestamp(default=None)


class DisplayDraft(BaseModel, frozen=True):
    """Validated input of a new display."""

    name: ResourceName


class DisplayLimitReached(Refusal):
    message = "A business can have at most {most} displays. Revoke one first."
    meaning = "The vendor has the maximum number of displays that are not revoked."
    remedy = "List the displays, so that the user can revoke one."
