"""Links between accounts: noted when an account is used, and followed by reviewers."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy.dialects.postgresql import insert
from sqlmodel import col, func, select
from sqlmodel.ext.asyncio.session import AsyncSession

from core.security.sealed import Sealer
from core.statements.statement import Statement
from core.statements.units import UnitOfWork, connection_of
from models.fraud.links import ADDRESS_DAYS, LINK_DAYS, IdentityLink, LinkKind
from services.cleanup_tasks import delete_old_rows

MAX_RELATED = 50  # accounts
MAX_USERS_OF_HUB = 100  # a device or network of more accounts is a shared one, and left out
HOPS = 2

_ROW = insert(IdentityLink)
NOTE = Statement(
    _ROW.on_conflict_do_update(
        index_elements=[col(IdentityLink.kind), col(IdentityLink.hash), col(IdentityLink.user_id)],
        set_={"last_at": _ROW.excluded.last_at},
    )
)


async def note_link(
    unit: UnitOfWork, sealer: Sealer, user_id: UUID, kind: LinkKind, value: str
) -> None:
    """Note that an account was used with a device, a phone number or a network.

    Only an HMAC is kept, whose key is not in the database. Links of former keys
    expire.
    """
    hashed = sealer.hash(f"identity_link.{kind}", value)
    row = IdentityLink(kind=kind, hash=hashed, user_id=user_id)
    row.last_at = row.first_at
    await NOTE.execute(await connection_of(unit), **row.model_dump())


@dataclass(frozen=True)
class RelatedAccount:
    """An account that shares something with another one, directly or over one more account."""

    user_id: UUID
    hops: int
    kinds: Sequence[LinkKind]


async def find_related(session: AsyncSession, user_id: UUID) -> list[RelatedAccount]:
    """Return the accounts within two hops, at most 50, the nearest first."""
    found: dict[UUID, RelatedAccount] = {}
    nearest = {user_id}
    for hop in range(1, HOPS + 1):
        linked = await _find_linked(session, nearest)
        new = {id: kinds for id, kinds in linked.items() if id != user_id and id not in found}
        for id in sorted(new)[: MAX_RELATED - len(found)]:
            found[id] = RelatedAccount(id, hop, sorted(new[id]))
        nearest = {id for id, one in found.items() if one.hops == hop}
        if not nearest:
            break
    return list(found.values())


async def _find_linked(session: AsyncSession, user_ids: set[UUID]) -> dict[UUID, set[LinkKind]]:
    """Return the accounts that share a link with one of these, without hubs."""
    own = (
        select(col(IdentityLink.kind), col(IdentityLink.hash))
        .where(col(IdentityLink.user_id).in_(user_ids))
        .distinct()
        .cte("own")
    )
    same = (col(IdentityLink.kind) == own.c.kind) & (col(IdentityLink.hash) == own.c.hash)
    hubs = (
        select(own.c.kind, own.c.hash)
        .join(IdentityLink, same)
        .group_by(own.c.kind, own.c.hash)
        .having(func.count() <= MAX_USERS_OF_HUB)
        .cte("small")
    )
    small = (col(IdentityLink.kind) == hubs.c.kind) & (col(IdentityLink.hash) == hubs.c.hash)
    rows = select(IdentityLink.user_id, IdentityLink.kind).join(hubs, small)
    found: dict[UUID, set[LinkKind]] = {}
    for id, kind in await session.exec(rows):
        found.setdefault(id, set()).add(LinkKind(kind))
    return found


_OLD = """
    DELETE FROM identity_link WHERE (kind, hash, user_id) IN (
        SELECT kind, hash, user_id FROM identity_link
        WHERE kind {kinds} AND last_at < :before LIMIT :batch
    ) RETURNING user_id
"""
CLEANUP = [
    delete_old_rows(_OLD.format(kinds="= 'ADDRESS'"), ADDRESS_DAYS),
    delete_old_rows(_OLD.format(kinds="<> 'ADDRESS'"), LINK_DAYS),
]
