"""Uses of promo codes: taken by an order in its transaction, and given back with it.

The rows of codes are locked in ascending order of their ids, before wallets and stock.
"""

from collections.abc import Collection, Mapping, Sequence
from typing import Any
from uuid import UUID

import asyncpg
from sqlalchemy import Uuid, bindparam, true
from sqlmodel import and_, col, delete, func, or_, select, update
from sqlmodel.ext.asyncio.session import AsyncSession
from sqlmodel.sql.expression import SelectOfScalar

from core.clock import now
from core.database import for_change
from core.statements.inserts import insert_row
from core.statements.parameters import current_time
from core.statements.selected import columns_of, select_columns
from core.statements.statement import Statement, any_of
from core.statements.units import UnitOfWork, connection_of
from models.errors import Refusal
from models.orders.orders import Order
from models.orders.states import OrderState
from models.promos.codes import (
    PromoCode,
    PromoCodeState,
    PromoNotValid,
    PromoUse,
    PromoUsedUp,
    PromoUseLimitReached,
)

_USER = bindparam("user_id", type_=Uuid())
# An order of the user's own that is not paid gives its uses back before the next one takes them.
_OF_USER = (
    select(
        func.count().filter(col(Order.state) != OrderState.PENDING).label("turns"),
        func.count().filter(col(Order.state) == OrderState.PENDING).label("held"),
    )
    .select_from(PromoUse)
    .join(Order, col(Order.id) == PromoUse.order_id)
    .where(PromoUse.promo_code_id == PromoCode.id, PromoUse.user_id == _USER)
    .correlate(PromoCode)
    .lateral()
)
ENTERED = Statement(
    select_columns(PromoCode, _OF_USER.c.turns, _OF_USER.c.held)
    .join(_OF_USER, true())
    .where(any_of(col(PromoCode.id))),
    PromoCode,
)
_THIS_CODE = col(PromoCode.id) == bindparam("id", type_=Uuid())
# One guarded UPDATE, no check before it: it waits for the row and evaluates its condition on the
# committed values, so two orders cannot both take the last use.
COUNT_USE = Statement(
    update(PromoCode)
    .where(
        _THIS_CODE,
        col(PromoCode.state) == PromoCodeState.ACTIVE,
        col(PromoCode.valid_from) <= current_time(),
        or_(col(PromoCode.valid_until).is_(None), col(PromoCode.valid_until) > current_time()),
        or_(col(PromoCode.capacity).is_(None), col(PromoCode.used) < col(PromoCode.capacity)),
    )
    .values(used=col(PromoCode.used) + 1)
    .returning(*columns_of(PromoCode)),
    PromoCode,
)
CODE = Statement(select_columns(PromoCode).where(_THIS_CODE), PromoCode)
TURNS = Statement(
    select(col(PromoUse.turn)).where(
        col(PromoUse.promo_code_id) == bindparam("id", type_=Uuid()),
        col(PromoUse.user_id) == bindparam("user_id", type_=Uuid()),
    )
)


async def find_promo_codes(
    session: AsyncSession, code: str, currency: str, *, most: int
) -> Sequence[PromoCode]:
    """Return active codes of the text that a buyer entered, in any case. Raises `PromoNotValid`.

    Vendors and the platform can have chosen the same text. A code of another currency is not valid,
    because its amounts are not those of the order. This is for a quote: the use is not taken, and
    may be gone when the order is placed.
    """
    rows = _active(code, currency).order_by(col(PromoCode.created_at), col(PromoCode.id))
    found = (await session.exec(rows.limit(most))).all()
    if not found:
        raise PromoNotValid
    return found


async def choose_promo_code(
    session: AsyncSession,
    code: str,
    currency: str,
    *,
    vendor_ids: Collection[UUID],
    entered: Collection[UUID],
) -> PromoCode:
    """Return the code that a buyer of these vendors means, if several have the text.

    It is the oldest of those of the platform and of these vendors that can be used now and was not
    entered before, or else one that was. Raises `PromoNotValid`.
    """
    moment = now()
    vendor, until = col(PromoCode.vendor_id), col(PromoCode.valid_until)
    is_usable = and_(
        col(PromoCode.valid_from) <= moment,
        or_(until.is_(None), until > moment),
        or_(col(PromoCode.capacity).is_(None), col(PromoCode.used) < col(PromoCode.capacity)),
    )
    rows = _active(code, currency).order_by(
        or_(vendor.is_(None), vendor.in_(vendor_ids)).desc(),
        and_(col(PromoCode.id).not_in(entered), is_usable).desc(),
        col(PromoCode.id).in_(entered).desc(),
        col(PromoCode.created_at),
        col(PromoCode.id),
    )
    found = (await session.exec(rows.limit(1))).first()
    if found is None:
        raise PromoNotValid
    return found


def _active(code: str, currency: str) -> SelectOfScalar[PromoCode]:
    return select(PromoCode).where(
        PromoCode.code == code.strip().upper(),
        PromoCode.currency == currency,
        PromoCode.state == PromoCodeState.ACTIVE,
    )


async def find_entered(
    unit: UnitOfWork, promo_code_ids: Sequence[UUID], user_id: UUID
) -> list[tuple[PromoCode, Refusal | None]]:
    """Return codes that a user has entered, each with the refusal to use it now. For a quote.

    One statement for any number. The codes are in the order in which they were entered. Uses that
    the user's own unpaid orders hold are free for the user.
    """
    connection = await connection_of(unit)
    rows: Any = await ENTERED.fetch(connection, keys=promo_code_ids, user_id=user_id)
    by_id = {row["id"]: row for row in rows}
    known = [by_id[id] for id in promo_code_ids if id in by_id]
    return [(row, _refusal(row, row["turns"], row["held"])) for row in known]


def _refusal(code: PromoCode, turns: int, held: int) -> Refusal | None:
    """Return why a user who has used a code so often, and holds so many uses, cannot use it now."""
    try:
        code.ensure_usable(now(), held=held)
    except Refusal as refusal:
        return refusal
    return PromoUseLimitReached() if turns >= code.per_user else None


async def reserve_uses(
    unit: UnitOfWork, *, user_id: UUID, order_id: UUID, amounts: Mapping[UUID, int]
) -> None:
    """Take a use of each code for an order, with the amount of its discount in minor units.

    Raises `PromoNotValid`, `PromoUsedUp` and `PromoUseLimitReached`; the caller's transaction is
    rolled back then, with the uses of other codes.
    """
    connection = await connection_of(unit)
    for promo_code_id in sorted(amounts):
        code = await _count_use(connection, promo_code_id)
        use = PromoUse(
            order_id=order_id,
            promo_code_id=promo_code_id,
            user_id=user_id,
            turn=await _next_turn(connection, code, user_id),
            amount=amounts[promo_code_id],
        )
        await insert_row(connection, use)


async def release_uses(session: AsyncSession, *, order_id: UUID) -> None:
    """Give the uses of an order back. A second call changes nothing.

    The codes are locked first, in the order of their ids, as `reserve_uses` does.
    """
    mine = col(PromoUse.order_id) == order_id
    codes = select(PromoUse.promo_code_id).where(mine).order_by(col(PromoUse.promo_code_id))
    for promo_code_id in (await session.exec(codes)).all():
        this = col(PromoCode.id) == promo_code_id
        await session.exec(for_change(select(PromoCode.id).where(this)))
        gone = delete(PromoUse).where(mine, col(PromoUse.promo_code_id) == promo_code_id)
        if await session.scalar(gone.returning(col(PromoUse.order_id))) is not None:
            await session.exec(update(PromoCode).where(this).values(used=PromoCode.used - 1))


async def _count_use(connection: asyncpg.Connection, promo_code_id: UUID) -> PromoCode:
    """Count one more use of a valid code with uses left, and return the code."""
    code = await COUNT_USE.fetch_one(connection, id=promo_code_id)
    if code is not None:
        return code
    found = await CODE.fetch_one(connection, id=promo_code_id)
    if found is None or not found.is_valid(now()):
        raise PromoNotValid
    raise PromoUsedUp


async def _next_turn(connection: asyncpg.Connection, code: PromoCode, user_id: UUID) -> int:
    """Return the lowest unused turn of the user.

    The code's row is locked by now, so no other order can take the turn.
    """
    rows = await TURNS.fetch(connection, id=code.id, user_id=user_id)
    taken = {row["turn"] for row in rows}
    free = next((n for n in range(1, code.per_user + 1) if n not in taken), None)
    if free is None:
        raise PromoUseLimitReached
    return free
