"""Erasures of accounts, in many small transactions that can be repeated."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

import structlog
from sqlalchemy import func, text
from sqlalchemy.dialects.postgresql import insert
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from core.clock import now
from core.database import for_change
from gateways.storage.base import ObjectStorage
from models.audit import AuditAct
from models.identity.accounts import User
from models.personal_data import Erase
from models.privacy import (
    BLOCKED_HOURS,
    ERASED_DOMAIN,
    ERASURES_FOLDER,
    AccountDeletion,
    DataExport,
    Erasure,
    export_key,
    ledger_key,
)
from models.uploads import Upload, incoming_key, stored_key
from models.vendors import LastOwner, VendorMember
from services import jobs
from services.audit import entries as audit
from services.identity.passwords.new_passwords import end_access
from services.members.membership import end_membership
from services.privacy.deletions import find_only_owned
from services.privacy.erasing import BATCH_SIZE, last_steps, steps
from services.privacy.people import of_person, quoted, rows_of, tables
from services.transaction import OpenTransaction
from services.viewer import ANONYMOUS

log = structlog.get_logger(__name__)

# The objects of rows, which are removed before the rows.
OBJECTS: Mapping[str, Callable[[UUID], Sequence[str]]] = {
    str(Upload.__tablename__): lambda id: (
        incoming_key(id),
        stored_key(id),
        stored_key(id, public=True),
    ),
    str(DataExport.__tablename__): lambda id: (export_key(id),),
}
KEPT = {Erase.BLANK, Erase.KEEP, Erase.RETAIN}


@dataclass(frozen=True)
class Eraser:
    """Erases accounts in the database and in the object storage."""

    transaction: OpenTransaction
    objects: ObjectStorage

    async def erase_due(self, user_id: UUID) -> bool:
        """Erase an account whose deletion is due. Returns whether it was.

        If the user has become the only owner of an open vendor, it is tried again a day later.
        """
        async with self.transaction() as session:
            requested_at = await _begin(session, user_id)
        if requested_at is None:
            return False
        await self.erase(user_id, requested_at)
        return True

    async def erase(self, user_id: UUID, requested_at: datetime) -> None:
        """Erase an account. A second run does what the first one has not done."""
        async with self.transaction() as session:
            await _end_rights(session, user_id)
        for step in steps():
            more = True
            while more:
                if step.statement.startswith("DELETE") and step.table in OBJECTS:
                    await self._remove_objects(step.table, user_id)
                async with self.transaction() as session:
                    more = await step.run(session, user_id) == BATCH_SIZE
        async with self.transaction() as session:
            await _record(session, user_id, requested_at)
        await self.objects.write(ledger_key(user_id), b"", "text/plain")
        log.info("account.erased", user_id=str(user_id))

    async def replay(self) -> Sequence[UUID]:
        """Erase all accounts of the ledger that exist again, and return their ids.

        After a restore of the database, the copies in the object storage know more than its table.
        """
        keys = await self.objects.list_keys(ERASURES_FOLDER)
        copies = {UUID(key.removeprefix(ERASURES_FOLDER)) for key in keys}
        async with self.transaction() as session:
            known = (await session.exec(select(Erasure.user_id))).all()
            found = await _not_erased(session, copies.union(known))
        for user_id in found:
            await self.erase(user_id, now())
        return found

    async def _remove_objects(self, table: str, user_id: UUID) -> None:
        """Remove the objects of the next batch of rows."""
        rows = rows_of(tables()[table], erasable=True)
        statement = f"SELECT id FROM {quoted(table)} WHERE {rows} ORDER BY id LIMIT {BATCH_SIZE}"  # noqa: S608
        async with self.transaction() as session:
            found = await session.execute(of_person(statement, user_id))
        for id in found.scalars():
            for key in OBJECTS[table](id):
                await self.objects.remove(key)


async def _begin(session: AsyncSession, user_id: UUID) -> datetime | None:
    """Return when the due deletion of an account was asked for, or None if there is none."""
    await session.exec(for_change(select(User.id).where(User.id == user_id)))
    rows = select(AccountDeletion).where(
        AccountDeletion.user_id == user_id, col(AccountDeletion.due_at) <= now()
    )
    deletion = (await session.exec(for_change(rows))).first()
    if deletion is None:
        return None
    if await find_only_owned(session, user_id) is not None:
        deletion.due_at = now() + timedelta(hours=BLOCKED_HOURS)
        await jobs.defer(session, "erase_account", at=deletion.due_at, user_id=user_id)
        log.warning("account.erasure_blocked", user_id=str(user_id))
        return None
    return deletion.created_at


async def _end_rights(session: AsyncSession, user_id: UUID) -> None:
    """End the sessions, the API tokens and the memberships, with the news that they cause."""
    user = (await session.exec(for_change(select(User).where(User.id == user_id)))).one()
    await end_access(session, user)
    rows = select(VendorMember).where(VendorMember.user_id == user_id)
    for member in (await session.exec(rows.order_by(col(VendorMember.vendor_id)))).all():
        try:
            await end_membership(session, ANONYMOUS, member)
        except LastOwner:  # of a vendor that is not open: the row is deleted with the others
            log.warning("account.last_owner_erased", vendor_id=str(member.vendor_id))


async def _record(session: AsyncSession, user_id: UUID, requested_at: datetime) -> None:
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


async def _count_retained(session: AsyncSession, user_id: UUID) -> Mapping[str, int]:
    """Return the numbers of rows that stay, by table."""
    counted = {}
    for name, declared in tables().items():
        if declared.privacy.erase in KEPT or declared.privacy.unless:
            statement = f"SELECT count(*) FROM {quoted(name)} WHERE {rows_of(declared)}"  # noqa: S608
            counted[name] = await session.scalar(of_person(statement, user_id))
    return {name: int(count) for name, count in counted.items() if count and name != "user"}


async def _not_erased(session: AsyncSession, user_ids: set[UUID]) -> Sequence[UUID]:
    named = text(f"email NOT LIKE '%@{ERASED_DOMAIN}'")
    rows = select(User.id).where(col(User.id).in_(user_ids), named)
    return (await session.exec(rows.order_by(col(User.id)))).all()
