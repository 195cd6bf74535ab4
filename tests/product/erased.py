"""The deletion of an account, and its erasure when the fourteen days are over."""

from datetime import timedelta

from sqlmodel import col, update

from core.clock import now
from models.identity.accounts import User
from models.privacy import AccountDeletion
from tests.client import Client
from tests.factories.world import World
from tests.jobs.conftest import Defer, Work


async def delete(client: Client) -> list[str]:
    return await client.refusal_codes("deleteMyAccount", {"confirm": True})


async def erase(world: World, user: User, defer: Defer, work: Work) -> None:
    """Let the fourteen days be over, and run the job."""
    over = {"created_at": now() - timedelta(days=14), "due_at": now()}
    due = update(AccountDeletion).where(col(AccountDeletion.user_id) == user.id)
    async with world.database.session() as session, session.begin():
        await session.exec(due.values(**over))
    await defer("erase_account", user_id=user.id)
    await work()
