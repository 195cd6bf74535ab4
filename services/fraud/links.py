"""Links between accounts: noted when an account is used, and followed by reviewers."""

from collections.abc import Collection, Iterable, Mapping, Sequence
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
    """Note that an account was used with a device, a phone number, a card or a network.

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


Linked = Mapping[UUID, Mapping[UUID, Collection[LinkKind]]]


async def find_related(
    session: AsyncSession, user_ids: Collection[UUID]
) -> dict[UUID, list[RelatedAccount]]:
    """Return the accounts within two hops of each account, at most 50, the nearest first.

    A statement for each hop, however many accounts are asked for.
    """
    found: dict[UUID, dict[UUID, RelatedAccount]] = {id: {} for id in user_ids}
    nearest: dict[UUID, set[UUID]] = {id: {id} for id in user_ids}
    for hop in range(1, HOPS + 1):
        linked = await _find_linked(session, set().union(*nearest.values()))
        for id, known in found.items():
            _add_hop(known, id, hop, [linked.get(one, {}) for one in nearest[id]])
            nearest[id] = {other for other, one in known.items() if one.hops == hop}
    return {id: list(known.values()) for id, known in found.items()}


def _add_hop(
    known: dict[UUID, RelatedAccount],
    of: UUID,
    hop: int,
    linked: Iterable[Mapping[UUID, Collection[LinkKind]]],
) -> None:
    new: dict[UUID, set[LinkKind]] = {}
    for others in linked:
        for id, kinds in others.items():
            if id != of and id not in known:
                new.setdefault(id, set()).update(kinds)
    for id in sorted(new)[: MAX_RELATED - len(known)]:
        known[id] = RelatedAccount(id, hop, sorted(new[id]))


async def _find_linked(session: AsyncSession, user_ids: set[UUID]) -> Linked:
    """Return the accounts that share a link with each of these, without hubs."""
    own = (
        select(col(IdentityLink.kind), col(IdentityLink.hash), col(IdentityLink.user_id))
        .where(col(IdentityLink.user_id).in_(user_ids))
        .cte("own")
    )
    same = (col(IdentityLink.kind) == own.c.kind) & (col(IdentityLink.hash) == own.c.hash)
    small = (
        select(own.c.kind, own.c.hash, own.c.user_id)
        .join(IdentityLink, same)
        .group_by(own.c.kind, own.c.hash, own.c.user_id)
        .having(func.count() <= MAX_USERS_OF_HUB)
        .cte("small")
    )
    shared = (col(IdentityLink.kind) == small.c.kind) & (col(IdentityLink.hash) == small.c.hash)
    rows = select(small.c.user_id, col(IdentityLink.user_id), col(IdentityLink.kind))
    found: dict[UUID, dict[UUID, set[LinkKind]]] = {}
    for of, id, kind in await session.exec(rows.join(IdentityLink, shared)):
        found.setdefault(of, {}).setdefault(id, set()).add(LinkKind(kind))
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
