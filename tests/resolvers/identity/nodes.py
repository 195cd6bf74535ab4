"""The customer, with an API token, a passkey and a session."""

from sqlmodel import SQLModel

from tests.factories.factors import passkey_of
from tests.resolvers.scene import ADMIN, CUSTOMER, OWNER, Scene

SEEN_BY = {
    "User": {OWNER, CUSTOMER, ADMIN},
    "ApiToken": {CUSTOMER, ADMIN},
    "Passkey": {CUSTOMER},
    "UserSession": {CUSTOMER},
}


async def make(scene: Scene) -> dict[str, SQLModel]:
    token, _ = await scene.world.api_token(scene.customer)
    passkey = passkey_of(scene.customer)
    await scene.world.save(passkey)
    return {
        "User": scene.customer,
        "ApiToken": token,
        "Passkey": passkey,
        "UserSession": await scene.world.session(scene.customer),
    }
