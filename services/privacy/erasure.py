"""Erasures of accounts: their begin, their end, and the ledger."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from uuid import UUID

import structlog
from sqlalchemy import func
from sqlalchemy.dialects.postgresql import insert
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from core.clock import now
from core.database import for_change
from models.audit import AuditAct
from models.identity.accounts import User
from models.personal_data import Erase
from models.privacy import (
    BLOCKED_HOURS,
    AccountDeletion,
    Erasure,
)
from models.vendors import LastOwner, VendorMember
from services import jobs
from services.admins.access import lock_admins
from services.audit import entries as audit
from services.downloads.rights.revoking import end_downloads
from services.identity.passwords.new_passwords import end_access
from services.members.membership import end_membership
from services.payments.methods import forget_methods
from services.privacy.erasing import BATCH_SIZE, last_steps
from services.privacy.hindrances import find_hindrance
from services.privacy.owned_rows import of_person, quoted, rows_of, tables
from services.viewer import ANONYMOUS

log = structlog.get_logger(__name__)

KEPT = {Erase.BLANK, Erase.KEEP, Erase.RETAIN}


async def begin_erasure(session: AsyncSession, user_id: UUID) -> datetime | None:
    """Return when the due deletion of an account was asked for, or None if there is none."""
    await lock_admins(session, user_id)
    rows = select(AccountDeletion).where(
        AccountDeletion.user_id == user_id, col(AccountDeletion.due_at) <= now()
    )
    deletion = (await session.exec(for_change(rows))).first()
    if deletion is None:
        return None
    if (hindrance := await find_hindrance(session, user_id)) is not None:
        deletion.due_at = now() + timedelta(hours=BLOCKED_HOURS)
        await jobs.defer(session, "erase_account", at=deletion.due_at, user_id=user_id)
        log.warning("account.erasure_blocked", user_id=str(user_id), code=hindrance.code)
        return None
    return deletion.created_at


async def end_rights(session: AsyncSession, user_id: UUID) -> None:
    """End the sessions, tokens, saved payments, downloads and memberships, with the news of it.

    The account cannot be signed in to any more: its deletion is due, also after a restore.
    """
    user = (await session.exec(for_change(select(User).where(User.id == user_id)))).one()
    await end_access(session, user)
    await forget_methods(session, user_id)
    await end_downloads(session, user_id)
    await _make_due(session, user_id)
    rows = select(VendorMember).where(VendorMember.user_id == user_id)
    for member in (await session.exec(rows.order_by(col(VendorMember.vendor_id)))).all():
        try:
            await end_membership(session, ANONYMOUS, member)
        except LastOwner:  # of a vendor that is not open: the row is deleted with the others
            log.warning("account.last_owner_erased", vendor_id=str(member.vendor_id))


async def record_erasure(session: AsyncSession, user_id: UUID, requested_at: datetime) -> None:
    """Erase the account itself, and add the entry to the ledger."""
    for step in last_steps():
        await step.run(session, user_id)
    entry = insert(Erasure).values(
        user_id=user_id,
        requested_at=func.least(requested_at, func.now()),
        erased_at=func.now(),
        retained=await _count_retained(session, user_id),
    )
    recorded = await session.execute(entry.on_conflict_do_nothing().returning(col(Erasure.user_id)))
    if recorded.first() is not None:
        audit.append(session, ANONYMOUS, AuditAct.ERASE_ACCOUNT, subject_id=user_id)


async def _make_due(session: AsyncSession, user_id: UUID) -> None:
    """Make the deletion of an account due. A restored database may have none."""
    due = AccountDeletion(user_id=user_id, created_at=now() - timedelta(seconds=1), due_at=now())
    row = insert(AccountDeletion).values(due.model_dump())
    earlier = func.least(col(AccountDeletion.due_at), row.excluded.due_at)
    await session.execute(
        row.on_conflict_do_update(
            index_elements=[col(AccountDeletion.user_id)], set_={"due_at": earlier}
        )
    )


async def _count_retained(session: AsyncSession, user_id: UUID) -> Mapping[str, int]:
    """Return the numbers of rows that stay, by table."""
    counted = {}
    for name, declared in tables().items():
        if declared.privacy.erase in KEPT or declared.privacy.unless:
            statement = f"SELECT count(*) FROM {quoted(name)} WHERE {rows_of(declared)}"  # noqa: S608 - made of declarations
            counted[name] = await session.scalar(of_person(statement, user_id))
    return {name: int(count) for name, count in counted.items() if count and name != "user"}


async def find_restored(session: AsyncSession, copies: set[UUID]) -> Sequence[UUID]:
    """Return the accounts of the ledger, or of these copies of it, that exist again."""
    known = (await session.exec(select(Erasure.user_id))).all()
    rows = select(User.id).where(col(User.id).in_(copies.union(known)), ~col(User.is_erased))
    return (await session.exec(rows.order_by(col(User.id)))).all()


async def find_next(session: AsyncSession, table: str, user_id: UUID) -> Sequence[UUID]:
    """Return the ids of the rows of a table that the next step deletes."""
    rows = rows_of(tables()[table], erasable=True)
    statement = f"SELECT id FROM {quoted(table)} WHERE {rows} ORDER BY id LIMIT {BATCH_SIZE}"  # noqa: S608 - made of declarations
    return (await session.execute(of_person(statement, user_id))).scalars().all()
