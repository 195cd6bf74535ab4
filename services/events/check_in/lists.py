"""Check-in lists and their gates, written by members of the vendor."""

from collections.abc import Collection
from uuid import UUID

from sqlmodel import col, func, select
from sqlmodel.ext.asyncio.session import AsyncSession

from core.clock import now
from core.database import for_change
from models.errors import NotFound
from models.events.check_in.drafts import CheckInListDraft, CheckInListPatch, GateDraft
from models.events.check_in.lists import (
    MAX_GATES,
    MAX_LISTS,
    CheckInGate,
    CheckInList,
    CheckInListInUse,
    CheckInListLimitReached,
    GateLimitReached,
)
from models.events.check_in.scans import Scan
from models.events.dates import EventDate
from models.events.ticket_types import TicketType
from models.members import Permission
from models.validation import parse
from services import idempotency
from services.events.access import access_managed_date
from services.events.check_in.access import access_managed_list
from services.events.entries import CheckInChanged
from services.journal import append as journal
from services.journal.topics import check_in_topic
from services.viewer import Viewer

FIXED = ("mode", "max_entries", "reentry_minutes")  # by the first scan


async def create_check_in_list(
    session: AsyncSession,
    viewer: Viewer,
    *,
    event_date_id: UUID,
    draft: CheckInListDraft,
    idempotency_key: str,
) -> CheckInList:
    """Add a check-in list to a date, once per idempotency key.

    Raises `CheckInListLimitReached`, `CheckInListTaken`, and `NotFound` for a type of another
    event.
    """
    claimed = await idempotency.claim(
        session,
        viewer,
        "createCheckInList",
        idempotency_key,
        event_date_id=event_date_id,
        draft=draft.model_dump(),
    )
    if claimed.replayed:
        return (await access_managed_list(session, viewer, claimed.replayed))[1]
    permission = Permission.MANAGE_SCANNERS
    _, date = await access_managed_date(session, viewer, event_date_id, permission)
    counted = select(func.count()).where(CheckInList.event_date_id == date.id)
    if (await session.exec(counted)).one() >= MAX_LISTS:
        raise CheckInListLimitReached(most=MAX_LISTS)
    await _ensure_types(session, date, draft.type_ids)
    door = CheckInList(event_date_id=date.id, **draft.model_dump())
    session.add(door)
    await idempotency.record_result(session, claimed, door.id)
    return door


async def update_check_in_list(
    session: AsyncSession, viewer: Viewer, *, list_id: UUID, patch: CheckInListPatch
) -> CheckInList:
    """Change the values set in the patch. The list is validated as a whole.

    Scans that were decided stay as they are. Raises `CheckInListInUse`, `CheckInListTaken` and
    `CheckInListArchived`.
    """
    date, door = await access_managed_list(session, viewer, list_id)
    door.ensure_open()
    current = door.model_dump(include=set(CheckInListDraft.model_fields))
    defaults = CheckInListDraft(name=door.name).model_dump()
    given = patch.model_dump(exclude_unset=True)
    reset = {name: defaults[name] if value is None else value for name, value in given.items()}
    if "name" in given and given["name"] is None:
        reset["name"] = None
    draft = parse(CheckInListDraft, **current | reset)
    changed = {name: value for name, value in draft.model_dump().items() if value != current[name]}
    if set(changed) & set(FIXED) and await _was_used(session, list_id):
        raise CheckInListInUse
    await _ensure_types(session, date, changed.get("type_ids", ()))
    for name, value in changed.items():
        setattr(door, name, value)
    journal.append(session, CheckInChanged(door.id), to=[check_in_topic(door.id)])
    return door


async def archive_check_in_list(
    session: AsyncSession, viewer: Viewer, *, list_id: UUID
) -> CheckInList:
    """Archive a list for good. What scanners send late is still taken."""
    _, door = await access_managed_list(session, viewer, list_id)
    if door.archived_at is None:
        door.archived_at = now()
        journal.append(session, CheckInChanged(door.id), to=[check_in_topic(door.id)])
    return door


async def create_gate(
    session: AsyncSession,
    viewer: Viewer,
    *,
    list_id: UUID,
    draft: GateDraft,
    idempotency_key: str,
) -> CheckInGate:
    """Add a gate to a list, once per idempotency key. Raises `GateLimitReached`, `GateTaken`."""
    claimed = await idempotency.claim(
        session, viewer, "createGate", idempotency_key, list_id=list_id, draft=draft.model_dump()
    )
    if claimed.replayed:
        return await _access_gate(session, viewer, claimed.replayed)
    _, door = await access_managed_list(session, viewer, list_id)
    door.ensure_open()
    counted = select(func.count()).where(CheckInGate.list_id == list_id)
    if (await session.exec(counted)).one() >= MAX_GATES:
        raise GateLimitReached(most=MAX_GATES)
    gate = CheckInGate(list_id=list_id, name=draft.name)
    session.add(gate)
    journal.append(session, CheckInChanged(door.id), to=[check_in_topic(door.id)])
    await idempotency.record_result(session, claimed, gate.id)
    return gate


async def rename_gate(
    session: AsyncSession, viewer: Viewer, *, gate_id: UUID, draft: GateDraft
) -> CheckInGate:
    """Rename a gate. Raises `GateTaken`."""
    gate = await _access_gate(session, viewer, gate_id)
    gate.name = draft.name
    journal.append(session, CheckInChanged(gate.list_id), to=[check_in_topic(gate.list_id)])
    return gate


async def _access_gate(session: AsyncSession, viewer: Viewer, gate_id: UUID) -> CheckInGate:
    viewer.require_user()
    found = await session.get(CheckInGate, gate_id)
    if found is None:
        raise NotFound
    await access_managed_list(session, viewer, found.list_id)
    rows = select(CheckInGate).where(CheckInGate.id == gate_id)
    return (await session.exec(for_change(rows))).one()


async def _was_used(session: AsyncSession, list_id: UUID) -> bool:
    rows = select(Scan.id).where(Scan.list_id == list_id).limit(1)
    return (await session.exec(rows)).first() is not None


async def _ensure_types(session: AsyncSession, date: EventDate, type_ids: Collection[UUID]) -> None:
    """Raise `NotFound` for a ticket type of another event."""
    wanted = set(type_ids)
    rows = select(TicketType.id).where(
        TicketType.event_id == date.event_id, col(TicketType.id).in_(wanted)
    )
    if wanted and set((await session.exec(rows)).all()) != wanted:
        raise NotFound(field=["ticketTypeIds"])
