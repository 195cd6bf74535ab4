"""Audit entries of acts, written in the act's own transaction."""

from collections.abc import Sequence
from uuid import UUID

import structlog
from asgi_correlation_id import correlation_id
from sqlmodel.ext.asyncio.session import AsyncSession

from core.observability.caller import caller_network
from models.audit import MAX_NETWORK_LENGTH, ActorKind, AuditAct, AuditEntry, AuditOutcome
from services.transaction import on_commit
from services.viewer import Viewer

# A logger of its own, so that operators can route these lines elsewhere.
log = structlog.get_logger("haat.security")


def append(
    session: AsyncSession,
    viewer: Viewer,
    act: AuditAct,
    *,
    subject_id: UUID | None = None,
    code: str | None = None,
) -> None:
    """Add an audit entry of an act that succeeds if this transaction commits.

    With a `code` the act was refused, by a transaction that commits what it found.
    """
    entry = build_entry(viewer, act, subject_id=subject_id, code=code)
    session.add(entry)

    async def report() -> None:
        write_log(entry)

    on_commit(session, report)


def note_impersonation(session: AsyncSession, viewer: Viewer) -> None:
    """Add an entry if an admin acts as the viewer: of every change, also of acts without one."""
    if viewer.impersonator is not None:
        append(session, viewer, AuditAct.ACT_AS_USER, subject_id=viewer.user_id)


def append_all(
    session: AsyncSession, viewer: Viewer, act: AuditAct, subject_ids: Sequence[UUID]
) -> None:
    """Add an entry for each object of an act that succeeds if this transaction commits.

    They are one line of the log, with the number of objects.
    """
    if not subject_ids:
        return
    session.add_all(build_entry(viewer, act, subject_id=id) for id in subject_ids)

    async def report() -> None:
        write_log(build_entry(viewer, act), subjects=len(subject_ids))

    on_commit(session, report)


def build_entry(
    viewer: Viewer, act: AuditAct, *, subject_id: UUID | None = None, code: str | None = None
) -> AuditEntry:
    """Return an entry of the current request. With a `code` the act was refused."""
    return AuditEntry(
        act=act,
        outcome=AuditOutcome.REFUSED if code else AuditOutcome.DONE,
        code=code,
        actor_kind=_kind_of(viewer),
        actor_id=viewer.user_id,
        impersonator_id=viewer.impersonator.admin_id if viewer.impersonator else None,
        session_id=viewer.session_id,
        subject_id=subject_id,
        network=caller_network.get()[:MAX_NETWORK_LENGTH],
        request_id=correlation_id.get(),
    )


def write_log(entry: AuditEntry, **more: int) -> None:
    """Log an entry at once, also if it is never stored."""
    facts = entry.model_dump(mode="json", exclude={"id", "created_at", "request_id", "times"})
    known = {name: value for name, value in facts.items() if value is not None}
    log.info("security.act", **known | more)


def _kind_of(viewer: Viewer) -> ActorKind:
    if viewer.uses_api_token:
        return ActorKind.API_TOKEN
    if viewer.user_id is not None:
        return ActorKind.USER
    return ActorKind.ANONYMOUS if correlation_id.get() else ActorKind.SYSTEM
