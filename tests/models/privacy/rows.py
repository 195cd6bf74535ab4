"""An export, a deletion that waits, and an entry of the ledger."""

from core.clock import now
from core.ids import new_id
from models.privacy import AccountDeletion, DataExport, Erasure
from tests.factories.redemptions import Till
from tests.factories.world import World


async def make(world: World, till: Till) -> None:
    await world.save(
        DataExport(user_id=till.customer.id, token_hash=b"\1", ready_at=now(), size=1),
        AccountDeletion(user_id=till.customer.id, token_hash=b"\1"),
        Erasure(user_id=new_id(), requested_at=now(), erased_at=now(), retained={}),
    )
