"""Erases accounts in the database and the object storage, in small steps that can be repeated."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from uuid import UUID

import structlog

from core.clock import now
from gateways.storage.base import ObjectStorage
from models.downloads.grants import DownloadGrant, copies_prefix
from models.pictures import sizes_prefix
from models.privacy import ERASURES_FOLDER, DataExport, export_key, ledger_key
from models.uploads import Upload, incoming_key, stored_key
from services.bookings.leaving import leave_bookings, leave_waits
from services.chat.messages import delete_messages_of
from services.events.leaving import leave_tickets, leave_waitlists
from services.events.transfers.receiving import decline_transfers
from services.privacy import erasure
from services.privacy.erasing import BATCH_SIZE, ErasureStep, steps
from services.redemptions.redemptions import cancel_vouchers_of
from services.transaction import OpenTransaction, in_batches

log = structlog.get_logger(__name__)

# The objects of rows, which are removed before the rows.
OBJECTS: Mapping[str, Callable[[UUID], Sequence[str]]] = {
    str(Upload.__tablename__): lambda id: (
        incoming_key(id),
        stored_key(id),
        stored_key(id, public=True),
        sizes_prefix(id),
    ),
    str(DataExport.__tablename__): lambda id: (export_key(id),),
    str(DownloadGrant.__tablename__): lambda id: (copies_prefix(id),),
}
# Waits end first, so that nothing that becomes free is held for them.
GIVE_BACK = (
    cancel_vouchers_of,
    leave_waits,
    leave_bookings,
    leave_waitlists,
    decline_transfers,
    leave_tickets,
    delete_messages_of,
)


@dataclass(frozen=True)
class Eraser:
    """Erases accounts. Each step has a transaction of its own."""

    transaction: OpenTransaction
    objects: ObjectStorage

    async def erase_due(self, user_id: UUID) -> bool:
        """Erase an account whose deletion is due. Returns whether it was.

        If the user has become the only owner of an open vendor, it is tried again a day later.
        """
        async with self.transaction() as session:
            requested_at = await erasure.begin_erasure(session, user_id)
        if requested_at is None:
            return False
        await self.erase(user_id, requested_at)
        return True

    async def erase(self, user_id: UUID, requested_at: datetime) -> None:
        """Erase an account. A second run does what the first one has not done."""
        async with self.transaction() as session:
            await erasure.end_rights(session, user_id)
        for give_back in GIVE_BACK:
            await in_batches(self.transaction, partial(give_back, user_id=user_id))
        for step in steps():
            while await self._run(step, user_id) == BATCH_SIZE:
                pass
        async with self.transaction() as session:
            await erasure.record_erasure(session, user_id, requested_at)
        await self.objects.write(ledger_key(user_id), b"", "text/plain")
        log.info("account.erased", user_id=str(user_id))

    async def replay(self) -> Sequence[UUID]:
        """Erase all accounts of the ledger that exist again, and return their ids.

        After a restore of the database, the copies in the object storage know more than its table.
        """
        keys = await self.objects.list_keys(ERASURES_FOLDER)
        copies = {UUID(key.removeprefix(ERASURES_FOLDER)) for key in keys}
        async with self.transaction() as session:
            restored = await erasure.find_restored(session, copies)
        for user_id in restored:
            await self.erase(user_id, now())
        return restored

    async def _run(self, step: ErasureStep, user_id: UUID) -> int:
        """Erase up to 100 rows of a table, and their objects before them."""
        if step.deletes and step.table in OBJECTS:
            async with self.transaction() as session:
                found = await erasure.find_next(session, step.table, user_id)
            for id in found:
                for key in OBJECTS[step.table](id):
                    await self.objects.remove(key)
        async with self.transaction() as session:
            return await step.run(session, user_id)
