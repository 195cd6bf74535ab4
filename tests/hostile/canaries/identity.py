"""Accounts, a password hash and an API token."""

from models.identity.accounts import User
from tests.factories.emails import email_of
from tests.factories.identity import HASHED
from tests.factories.world import World
from tests.hostile.canaries.base import ADMIN, CUSTOMER, OWNER, Canaries


async def plant(world: World, canaries: Canaries) -> None:
    for name in (CUSTOMER, OWNER, "rival", "stranger"):
        canaries.people[name] = await _person(world, name)
    canaries.people[ADMIN] = await world.admin()
    customer, owner, stranger = (canaries.people[one] for one in (CUSTOMER, OWNER, "stranger"))
    token, _ = await world.api_token(stranger, name="Canary of the API token")
    canaries.rows += [*canaries.people.values(), token]
    canaries.add(HASHED)
    canaries.add(stranger.name, email_of(stranger), token.name, token.prefix, readers=[ADMIN])
    # The customer and the owner have a conversation, in which they see each other's name.
    canaries.add(customer.name, owner.name, readers=[CUSTOMER, OWNER, ADMIN])
    canaries.add(email_of(customer), readers=[CUSTOMER, ADMIN])
    canaries.add(email_of(owner), readers=[OWNER, ADMIN])


async def _person(world: World, name: str) -> User:
    return await world.user(name=f"Canary {name}", email=f"canary.{name}@haat.example")
