"""A vendor that is not approved."""

from sqlmodel import SQLModel

from tests.resolvers.scene import ADMIN, OWNER, Scene

SEEN_BY = {"Vendor": {OWNER, ADMIN}}


async def make(scene: Scene) -> dict[str, SQLModel]:
    return {"Vendor": scene.vendor}
