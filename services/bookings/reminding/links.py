"""Links of reminders, which name the booking and its revision: a move ends them."""

from collections.abc import Mapping
from dataclasses import dataclass
from uuid import UUID

from core.security.signing_keys import SigningKeys
from models.bookings.bookings import Booking
from models.bookings.setting_up.reminders import BookingLinkEnded
from models.errors import NotFound
from services.links import LinkPurpose, read_link
from services.notifications.kinds import PageLink

PATH = "/booking"


@dataclass(frozen=True)
class BookingLink:
    """A booking with its revision, which the owner of the link may confirm and cancel."""

    booking_id: UUID
    revision: int

    @property
    def claims(self) -> Mapping[str, str]:
        return {"booking": self.booking_id.hex, "revision": str(self.revision)}

    @classmethod
    def read(cls, keys: SigningKeys, token: str) -> "BookingLink":
        """Return what a token is for. Raises `BookingLinkEnded` unless we signed it, for now."""
        try:
            claims = read_link(keys, LinkPurpose.BOOKING, token)
        except NotFound as error:
            raise BookingLinkEnded from error
        return cls(UUID(hex=claims["booking"]), int(claims["revision"]))


def link_to(booking: Booking) -> PageLink:
    """Return the link of a reminder, until the booking begins."""
    claims = BookingLink(booking.id, booking.revision).claims
    return PageLink(PATH, LinkPurpose.BOOKING, claims, booking.starts_at)
