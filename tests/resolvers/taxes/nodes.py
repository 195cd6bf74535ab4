"""A rate, which is law, and a registration of a vendor."""

from sqlmodel import SQLModel

from tests.resolvers.scene import ADMIN, ANONYMOUS, ANYONE, OWNER, Scene

SEEN_BY = {"TaxRate": ANYONE - {ANONYMOUS}, "TaxRegistration": {OWNER, ADMIN}}


async def make(scene: Scene) -> dict[str, SQLModel]:
    return {
        "TaxRate": await scene.world.tax_rate(),
        "TaxRegistration": await scene.world.tax_registration(scene.vendor),
    }
