"""A gift of a voucher, which its two users see."""

from sqlmodel import SQLModel

from tests.resolvers.scene import ADMIN, CUSTOMER, Scene

SEEN_BY = {"VoucherGift": {ADMIN, CUSTOMER}}


async def make(scene: Scene) -> dict[str, SQLModel]:
    gift = await scene.world.voucher_gift(scene.voucher, to=await scene.world.user())
    return {"VoucherGift": gift}
