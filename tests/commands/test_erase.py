"""`haat erase --replay`: accounts that a restore brought back are erased again."""

from core.clock import now
from models.privacy import Erasure
from tests.commands.installation import Installation
from tests.factories.world import World

SECRET = "s" * 32


async def test_replay_erases_what_the_ledger_names(
    world: World, installation: Installation
) -> None:
    user, other = await world.user(), await world.user()
    await world.save(Erasure(user_id=user.id, requested_at=now(), erased_at=now(), retained={}))
    assert (await installation.run("erase")).status != 0
    for expected in ([str(user.id)], []):
        ran = await installation.run("erase", "--replay", KEYS_SECRET=SECRET)
        assert ran.status == 0, ran.errors
        assert [line for line in ran.lines if "-" in line] == expected
    assert (await world.fresh(user)).name == "Deleted user"
    assert (await world.fresh(other)).name == other.name
