"""Links to files of the server itself: signed, for one purpose, and for some minutes.

A link permits nothing by itself: it names its user or its right, which is checked again for each
download.
"""

import time
from collections.abc import Mapping
from datetime import UTC, datetime
from enum import StrEnum
from typing import NamedTuple
from uuid import UUID

from sqlmodel.ext.asyncio.session import AsyncSession

from core.security.signing_keys import BadSignature, SigningKeys, TokenExpired, WrongType
from models.errors import NotFound
from models.identity.accounts import User, UserState
from services.viewer import Viewer


class LinkPurpose(StrEnum):
    """The kind of file or page that a link is to. No method of a link to an object is named so."""

    BOOKING = "BOOKING"
    DOWNLOAD = "DOWNLOAD"
    EVENT_EXPORT = "EVENT_EXPORT"
    INVOICE = "INVOICE"
    INVOICES = "INVOICES"
    PAPER = "PAPER"
    PASS = "PASS"  # noqa: S105 - no secret
    PAYOUT_FILE = "PAYOUT_FILE"
    STATEMENT = "STATEMENT"
    WITHHELD = "WITHHELD"
    OFFER_IMPORT = "OFFER_IMPORT"
    TICKETS = "TICKETS"


class SignedLink(NamedTuple):
    """The token of a link, and the time at which it ends."""

    token: str
    expires_at: datetime

    def under(self, path: str) -> str:
        """Return the path with the token as its parameter."""
        return f"{path}?link={self.token}"


def sign_link(
    keys: SigningKeys, purpose: LinkPurpose, claims: Mapping[str, str], seconds: int
) -> SignedLink:
    """Sign a link that works for so many seconds from now."""
    expires = int(time.time()) + seconds
    token = keys.sign_link({**claims, "method": purpose.value}, expires)
    return SignedLink(token, datetime.fromtimestamp(expires, UTC))


def read_link(keys: SigningKeys, purpose: LinkPurpose, token: str) -> dict[str, str]:
    """Return the claims of a link. Raises `NotFound` unless we signed it for the purpose."""
    try:
        claims = keys.read_link(token)
    except (BadSignature, WrongType, TokenExpired) as error:
        raise NotFound from error
    if claims.get("method") != purpose:
        raise NotFound
    return claims


async def find_viewer(session: AsyncSession, user_id: UUID) -> Viewer:
    """Return the user whom a link names, with the rights of now.

    Raises `NotFound` for one who is suspended or erased.
    """
    user = await session.get(User, user_id)
    if user is None or user.is_erased or user.state is UserState.SUSPENDED:
        raise NotFound
    return Viewer(user_id, admin=user.is_active_admin)
