"""The customer, and an API token of the customer."""

from sqlmodel import SQLModel

from tests.resolvers.scene import ADMIN, CUSTOMER, OWNER, Scene

SEEN_BY = {"User": {OWNER, CUSTOMER, ADMIN}, "ApiToken": {CUSTOMER, ADMIN}}


async def make(scene: Scene) -> dict[str, SQLModel]:
    token, _ = await scene.world.api_token(scene.customer)
    return {"User": scene.customer, "ApiToken": token}
