"""A marketplace in which every domain has texts that must not leak."""

from collections.abc import Iterator
from dataclasses import dataclass

from models.identity.accounts import User
from tests.client import gid
from tests.factories.world import World
from tests.hostile.canaries import (
    catalog,
    chat,
    identity,
    notifications,
    offers,
    redemptions,
    uploads,
    vendors,
)
from tests.hostile.canaries.base import ADMIN, ANONYMOUS, CUSTOMER, OWNER, ROLES, Canaries

__all__ = ["ROLES", "Marketplace", "plant", "strings"]
# Each plants what the later ones refer to.
DOMAINS = (identity, vendors, offers, catalog, redemptions, uploads, notifications, chat)


@dataclass(frozen=True)
class Marketplace:
    """The caller of each role, the texts that it must not and must be able to read, and ids."""

    people: dict[str, User | None]
    secrets: dict[str, set[str]]
    known: dict[str, set[str]]
    ids: list[str]

    def ensure_kept(self, role: str, answer: object) -> None:
        """Raise an AssertionError that names the secrets in an answer to this role."""
        texts = list(strings(answer))
        leaked = {secret for secret in self.secrets[role] if any(secret in text for text in texts)}
        assert not leaked, f"{role} received {leaked}"


def strings(answer: object) -> Iterator[str]:
    """Yield every string in an answer."""
    if isinstance(answer, str):
        yield answer
    elif isinstance(answer, dict | list):
        for part in answer.values() if isinstance(answer, dict) else answer:
            yield from strings(part)


async def plant(world: World) -> Marketplace:
    canaries = Canaries()
    for domain in DOMAINS:
        await domain.plant(world, canaries)
    return Marketplace(
        people={ANONYMOUS: None}
        | {role: canaries.people[role] for role in (CUSTOMER, OWNER, ADMIN)},
        secrets=canaries.secrets,
        known=canaries.known,
        ids=[*canaries.ids, *map(gid, canaries.rows)],
    )
