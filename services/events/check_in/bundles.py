"""Bundles: what a scanner needs without a network, signed, and encrypted to it."""

import re
from base64 import urlsafe_b64encode
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import text
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from core.clock import now
from core.errors import BadInput, MalformedRequest
from core.security.key_file import Purpose
from core.security.random_secrets import hash_secret
from core.security.recipients import encrypt_to
from core.security.signing_keys import ISSUER, SigningKeys
from models.base import localized
from models.errors import NotFound
from models.events.check_in.bundles import NO_TYPE, BundledTicket, TicketFlag
from models.events.check_in.lists import CheckInGate, CheckInList
from models.events.check_in.scanners import Scanner
from models.events.dates import EventDate
from models.events.ticket_types import TicketType
from models.events.tickets import TicketState
from services.events.check_in.access import visible_lists
from services.viewer import Viewer

BUNDLE_HOURS = 24
MAX_TICKETS = 10_000  # of one bundle
VERSION = 1
CURSOR = re.compile(r"([0-9]{1,19})\.([0-9a-f]{32})")

# Changes of transactions that may still be preceded by one in progress wait for the next bundle, so
# that none is skipped. Their xid is at least the oldest one in progress.
CHANGED = text(
    """
    WITH horizon AS (SELECT pg_snapshot_xmin(pg_current_snapshot()) AS xid),
    touched AS (
        SELECT ticket.id FROM ticket, horizon
        WHERE event_date_id = :event_date_id AND changed_xid < horizon.xid
            AND changed_xid >= CAST(CAST(:xid AS text) AS xid8)
        UNION
        SELECT ticket_id FROM ticket_presence, horizon
        WHERE list_id = :list_id AND changed_xid < horizon.xid
            AND changed_xid >= CAST(CAST(:xid AS text) AS xid8)
    ),
    changed AS (
        SELECT ticket.id, ticket_type_id, generation, state, entries, coalesce(inside, false)
                AS inside,
            EXISTS (
                SELECT FROM ticket_transfer AS transfer
                WHERE transfer.ticket_id = ticket.id AND transfer.state = 'PENDING'
            ) AS in_transfer,
            greatest(
                CASE WHEN ticket.changed_xid < horizon.xid THEN ticket.changed_xid END,
                CASE WHEN presence.changed_xid < horizon.xid THEN presence.changed_xid END
            ) AS xid
        FROM touched
        CROSS JOIN horizon
        JOIN ticket ON ticket.id = touched.id
        LEFT JOIN ticket_presence AS presence
            ON presence.list_id = :list_id AND presence.ticket_id = ticket.id
    )
    SELECT changed.*, CAST(changed.xid AS text) AS changed_xid,
        CAST(horizon.xid AS text) AS horizon
    FROM horizon
    LEFT JOIN changed
        ON (changed.xid, changed.id) > (CAST(CAST(:xid AS text) AS xid8), CAST(:id AS uuid))
    ORDER BY changed.xid, changed.id
    LIMIT :size
    """
)


class Position(NamedTuple):
    """The place of a bundle among the changes of a date: a transaction, and a ticket's id."""

    xid: str
    ticket_id: UUID

    @classmethod
    def read(cls, cursor: str | None) -> "Position":
        if cursor is None:
            return cls("0", UUID(int=0))
        found = CURSOR.fullmatch(cursor)
        if found is None or int(found[1]) >= 2**63:
            raise MalformedRequest("This is not a valid cursor.")
        return cls(found[1], UUID(hex=found[2]))

    def __str__(self) -> str:
        return f"{self.xid}.{self.ticket_id.hex}"


@dataclass(frozen=True)
class ScannerBundle:
    """An encrypted bundle. With `has_more`, the next one is asked for at once."""

    content: str
    cursor: str
    expires_at: datetime
    tickets: int
    has_more: bool


async def make_bundle(
    session: AsyncSession,
    viewer: Viewer,
    keys: SigningKeys,
    *,
    list_id: UUID,
    scanner_key: str,
    since: str | None,
) -> ScannerBundle:
    """Return what has changed on a list since a cursor, or all of it.

    Raises `NotFound`, `ScannerRevoked`, `CheckInListArchived`, and `BadInput` for a scanner without
    a public key.
    """
    viewer.require_user()
    position = Position.read(since)
    door = (await session.exec(visible_lists(viewer).where(CheckInList.id == list_id))).first()
    if door is None:
        raise NotFound
    date = await session.get_one(EventDate, door.event_date_id)
    scanner = await _find_scanner(session, date.vendor_id, scanner_key)
    door.ensure_open()
    public_key = scanner.public_key
    if public_key is None:
        raise BadInput("This scanner has no public key. Register it again with one.")
    rows = await _find_changed(session, door, position)
    horizon = rows[0].horizon
    shown = [row for row in rows if row.id is not None][:MAX_TICKETS]
    has_more = len(rows) > MAX_TICKETS
    last = shown[-1] if has_more else None
    after = Position(last.changed_xid, last.id) if last else Position(horizon, UUID(int=0))
    types = await _find_types(session, date)
    claims = _claims(door, scanner, types, shown) | {
        "full": since is None,
        "more": has_more,
        "cursor": str(after),
        "gates": await _find_gates(session, list_id),
        "keys": keys.public_of(Purpose.TICKET),
    }
    expires_at = now() + timedelta(hours=BUNDLE_HOURS)
    signed = keys.sign_bundle(
        claims | {"iat": int(now().timestamp()), "exp": int(expires_at.timestamp())}
    )
    content = encrypt_to(public_key, signed)
    return ScannerBundle(content, str(after), expires_at, len(shown), has_more)


async def _find_scanner(session: AsyncSession, vendor_id: UUID, key: str) -> Scanner:
    rows = select(Scanner).where(
        Scanner.key_hash == hash_secret(key), Scanner.vendor_id == vendor_id
    )
    scanner = (await session.exec(rows)).first()
    if scanner is None:
        raise NotFound
    scanner.ensure_active()
    return scanner


async def _find_changed(
    session: AsyncSession, door: CheckInList, position: Position
) -> Sequence[Any]:
    """Return the changed tickets, one more than a bundle has, or one empty row."""
    given = {
        "event_date_id": door.event_date_id,
        "list_id": door.id,
        "xid": position.xid,
        "id": position.ticket_id,
        "size": MAX_TICKETS + 1,
    }
    return (await session.execute(CHANGED, given)).all()


async def _find_types(session: AsyncSession, date: EventDate) -> Sequence[TicketType]:
    rows = (
        select(TicketType)
        .where(TicketType.event_id == date.event_id)
        .order_by(col(TicketType.created_at), col(TicketType.id))
    )
    return (await session.exec(rows)).all()


async def _find_gates(session: AsyncSession, list_id: UUID) -> list[dict[str, str]]:
    rows = select(CheckInGate).where(CheckInGate.list_id == list_id).order_by(CheckInGate.name)
    return [{"id": one.id.hex, "name": one.name} for one in (await session.exec(rows)).all()]


def _claims(
    door: CheckInList, scanner: Scanner, types: Sequence[TicketType], rows: Sequence[Any]
) -> dict[str, Any]:
    """Return the content of a bundle without what is about the moment."""
    places = {one.id: place for place, one in enumerate(types)}
    records = b"".join(_bundled(row, places).pack() for row in rows)
    return {
        "iss": ISSUER,
        "aud": scanner.id.hex,
        "v": VERSION,
        "list": {
            "id": door.id.hex,
            "date": door.event_date_id.hex,
            "name": door.name,
            "types": [places[one.id] for one in types if door.admits_type(one.id, one.kind)],
            "mode": door.mode.value,
            "times": door.max_entries,
            "opens": _seconds(door.opens_at),
            "closes": _seconds(door.closes_at),
            "reentry": door.reentry_minutes,
        },
        "types": [{"id": one.id.hex, "name": localized(one.name, [], one.locale)} for one in types],
        "tickets": urlsafe_b64encode(records).rstrip(b"=").decode(),
    }


def _bundled(row: Any, places: Mapping[UUID, int]) -> BundledTicket:
    flags = TicketFlag(0)
    if row.state != TicketState.VALID:
        flags |= TicketFlag.CANCELLED
    if row.inside:
        flags |= TicketFlag.INSIDE
    if row.in_transfer:
        flags |= TicketFlag.IN_TRANSFER
    place = places.get(row.ticket_type_id, NO_TYPE)
    return BundledTicket(row.id, row.generation, place, flags, row.entries or 0)


def _seconds(moment: datetime | None) -> int | None:
    return None if moment is None else int(moment.timestamp())
