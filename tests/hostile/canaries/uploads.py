"""Files, by their names."""

from tests.factories.world import World
from tests.hostile.canaries.base import CUSTOMER, Canaries


async def plant(world: World, canaries: Canaries) -> None:
    for name, readers in ((CUSTOMER, [CUSTOMER]), ("stranger", [])):
        upload = await world.upload(canaries.people[name], file_name=f"canary of the {name}.txt")
        canaries.rows.append(upload)
        canaries.add(upload.file_name, readers=readers)
