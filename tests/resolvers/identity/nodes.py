"""The customer, with an API token, a passkey, an account at a provider and a session."""

from sqlmodel import SQLModel

from tests.factories.factors import identity_of, passkey_of
from tests.resolvers.scene import ADMIN, CUSTOMER, OWNER, Scene

SEEN_BY = {
    "User": {OWNER, CUSTOMER, ADMIN},
    "ApiToken": {CUSTOMER, ADMIN},
    "Passkey": {CUSTOMER},
    "ProviderIdentity": {CUSTOMER},
    "UserSession": {CUSTOMER},
}


async def make(scene: Scene) -> dict[str, SQLModel]:
    token, _ = await scene.world.api_token(scene.customer)
    passkey = passkey_of(scene.customer)
    identity = identity_of(scene.customer)
    await scene.world.save(passkey, identity)
    return {
        "User": scene.customer,
        "ApiToken": token,
        "Passkey": passkey,
        "ProviderIdentity": identity,
        "UserSession": await scene.world.session(scene.customer),
    }
