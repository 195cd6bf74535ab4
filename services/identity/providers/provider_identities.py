"""Accounts at providers that sign users in: linked, found by their subject, and unlinked."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy.dialects.postgresql import insert
from sqlmodel import and_, col, delete, false, or_, select, update
from sqlmodel.ext.asyncio.session import AsyncSession
from sqlmodel.sql.expression import SelectOfScalar

from core.clock import now
from core.database import for_change
from core.ids import new_id
from models.audit import AuditAct
from models.errors import NotFound
from models.identity.accounts import User
from models.identity.providers import (
    ProviderAccountTaken,
    ProviderAlreadyLinked,
    ProviderFlow,
    ProviderIdentity,
)
from services.audit import entries as audit
from services.identity.factors.ways_in import ensure_other_way_in
from services.identity.security_notices import SecurityNotice, send_notice
from services.viewer import Viewer


def visible_provider_identities(viewer: Viewer) -> SelectOfScalar[ProviderIdentity]:
    """Select the viewer's accounts at providers. Programs see none: their token may have leaked."""
    if viewer.uses_api_token:
        return select(ProviderIdentity).where(false())
    return select(ProviderIdentity).where(ProviderIdentity.user_id == viewer.user_id)


async def list_identities(session: AsyncSession, viewer: Viewer) -> Sequence[ProviderIdentity]:
    """Return the viewer's accounts at providers, the oldest first."""
    rows = visible_provider_identities(viewer).order_by(col(ProviderIdentity.id))
    return (await session.exec(rows)).all()


async def find_owner(session: AsyncSession, flow: ProviderFlow) -> User | None:
    """Return the user who signs in with the account of an answer, and note its use."""
    used = await session.exec(
        update(ProviderIdentity)
        .where(*_same_account(flow))
        .values(last_used_at=now())
        .returning(col(ProviderIdentity.user_id))
    )
    user_id = used.scalars().first()
    return None if user_id is None else await session.get_one(User, user_id)


async def is_own(session: AsyncSession, user_id: UUID, flow: ProviderFlow) -> bool:
    """Return whether the account of an answer signs this user in."""
    owner = await find_owner(session, flow)
    return owner is not None and owner.id == user_id


async def can_link(session: AsyncSession, user_id: UUID, flow: ProviderFlow) -> bool:
    """Return whether neither the user nor the account is linked to another."""
    return all(
        one.user_id == user_id and one.subject == flow.subject
        for one in await _neighbours(session, user_id, flow)
    )


async def link_identity(
    session: AsyncSession, holder: Viewer, flow: ProviderFlow, *, notice: bool = True
) -> ProviderIdentity:
    """Link the account of an answer to the holder, who gets a mail. Linking it twice is one link.

    Raises `ProviderAccountTaken` and `ProviderAlreadyLinked`. Unique constraints decide between
    two requests: the insert waits for the other one.
    """
    user_id = holder.require_user()
    added = await session.exec(
        insert(ProviderIdentity)
        .values(
            id=new_id(),
            created_at=now(),
            user_id=user_id,
            provider=flow.provider,
            issuer=flow.issuer,
            subject=flow.subject,
            last_used_at=now(),
        )
        .on_conflict_do_nothing()
        .returning(ProviderIdentity)
    )
    linked: ProviderIdentity | None = added.scalars().first()
    if linked is None:
        return await _linked_before(session, user_id, flow)
    audit.append(session, holder, AuditAct.LINK_PROVIDER, subject_id=user_id)
    if notice:
        await send_notice(session, user_id, SecurityNotice.PROVIDER_LINKED)
    return linked


async def unlink_provider(session: AsyncSession, viewer: Viewer, *, identity_id: UUID) -> None:
    """Remove a link of the viewer, who gets a mail.

    Raises `LastWayIn` if the account could no longer be signed in to. The `fresh` mutation has
    locked the user, so that two requests cannot remove the last two ways in.
    """
    user_id = viewer.require_user()
    rows = visible_provider_identities(viewer).where(ProviderIdentity.id == identity_id)
    if (await session.exec(for_change(rows))).first() is None:
        raise NotFound
    await ensure_other_way_in(session, user_id, but=identity_id)
    await session.exec(delete(ProviderIdentity).where(col(ProviderIdentity.id) == identity_id))
    audit.append(session, viewer, AuditAct.UNLINK_PROVIDER, subject_id=user_id)
    await send_notice(session, user_id, SecurityNotice.PROVIDER_UNLINKED)


async def unlink_all(session: AsyncSession, user_id: UUID) -> None:
    """Remove all links of a user, of which a thief may have added one."""
    await session.exec(delete(ProviderIdentity).where(col(ProviderIdentity.user_id) == user_id))


async def _linked_before(
    session: AsyncSession, user_id: UUID, flow: ProviderFlow
) -> ProviderIdentity:
    """Return the link that exists, if it is this one."""
    found = await _neighbours(session, user_id, flow)
    if any(one.user_id != user_id for one in found):
        raise ProviderAccountTaken
    if any(one.subject != flow.subject for one in found):
        raise ProviderAlreadyLinked
    return found[0]


async def _neighbours(
    session: AsyncSession, user_id: UUID, flow: ProviderFlow
) -> Sequence[ProviderIdentity]:
    """Return the links that the constraints allow beside none: of the user, and of the account."""
    of_user = and_(
        col(ProviderIdentity.user_id) == user_id, col(ProviderIdentity.provider) == flow.provider
    )
    rows = select(ProviderIdentity).where(or_(of_user, and_(*_same_account(flow))))
    return (await session.exec(rows)).all()


def _same_account(flow: ProviderFlow) -> tuple[Any, ...]:
    return (
        col(ProviderIdentity.provider) == flow.provider,
        col(ProviderIdentity.issuer) == flow.issuer,
        col(ProviderIdentity.subject) == flow.subject,
    )
