"""A voucher, and an attempt to redeem it."""

from sqlmodel import SQLModel

from tests.resolvers.scene import ADMIN, CUSTOMER, OWNER, Scene

SEEN_BY = {"Voucher": {OWNER, CUSTOMER, ADMIN}, "Redemption": {OWNER, CUSTOMER, ADMIN}}


async def make(scene: Scene) -> dict[str, SQLModel]:
    attempt = await scene.world.redemption(scene.vendor, scene.voucher)
    return {"Voucher": scene.voucher, "Redemption": attempt}
