"""Uses of promo codes: taken by an order in its transaction, and given back with it.

The rows of codes are locked after stock, in ascending order of their ids.
"""

from collections.abc import Mapping
from uuid import UUID

from sqlmodel import col, delete, func, or_, select, update
from sqlmodel.ext.asyncio.session import AsyncSession

from core.clock import now
from core.database import for_change
from core.statements.parameters import current_time
from models.promos.codes import (
    PromoCode,
    PromoCodeState,
    PromoNotValid,
    PromoUse,
    PromoUsedUp,
    PromoUseLimitReached,
)


async def find_promo_code(session: AsyncSession, code: str, currency: str) -> PromoCode:
    """Return the active code that a buyer entered, in any case. Raises `PromoNotValid`.

    A code of another currency is not valid, because its amounts are not those of the order. This is
    for a quote: the use is not taken, and may be gone when the order is placed.
    """
    rows = select(PromoCode).where(
        PromoCode.code == code.strip().upper(),
        PromoCode.currency == currency,
        PromoCode.state == PromoCodeState.ACTIVE,
    )
    found = (await session.exec(rows)).first()
    if found is None:
        raise PromoNotValid
    return found


async def ensure_user_may_use(session: AsyncSession, code: PromoCode, user_id: UUID) -> None:
    """Raise a refusal if a user cannot use a code now. For a quote, without a lock."""
    code.ensure_usable(now())
    used = (PromoUse.promo_code_id == code.id, PromoUse.user_id == user_id)
    counted = select(func.count()).select_from(PromoUse).where(*used)
    if (await session.exec(counted)).one() >= code.per_user:
        raise PromoUseLimitReached


async def reserve_uses(
    session: AsyncSession, *, user_id: UUID, order_id: UUID, amounts: Mapping[UUID, int]
) -> None:
    """Take a use of each code for an order, with the amount of its discount in minor units.

    Raises `PromoNotValid`, `PromoUsedUp` and `PromoUseLimitReached`; the caller's transaction is
    rolled back then, with the uses of other codes.
    """
    for promo_code_id in sorted(amounts):
        code = await _count_use(session, promo_code_id)
        turn = await _next_turn(session, code, user_id)
        session.add(
            PromoUse(
                order_id=order_id,
                promo_code_id=code.id,
                user_id=user_id,
                turn=turn,
                amount=amounts[promo_code_id],
            )
        )
    await session.flush()


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


async def _count_use(session: AsyncSession, promo_code_id: UUID) -> PromoCode:
    """Count one more use of a valid code with uses left, and return the code.

    One guarded UPDATE, no check before it: it waits for the row and evaluates its condition on the
    committed values, so two orders cannot both take the last use.
    """
    guarded = (
        update(PromoCode)
        .where(
            col(PromoCode.id) == promo_code_id,
            col(PromoCode.state) == PromoCodeState.ACTIVE,
            col(PromoCode.valid_from) <= current_time(),
            or_(col(PromoCode.valid_until).is_(None), col(PromoCode.valid_until) > current_time()),
            or_(
                col(PromoCode.capacity).is_(None),
                col(PromoCode.used) < col(PromoCode.capacity),
            ),
        )
        .values(used=col(PromoCode.used) + 1)
        .returning(PromoCode)
        .execution_options(populate_existing=True)
    )
    code: PromoCode | None = (await session.exec(guarded)).scalars().first()
    if code is not None:
        return code
    rows = select(PromoCode).where(PromoCode.id == promo_code_id)
    found = (await session.exec(rows.execution_options(populate_existing=True))).first()
    if found is None or not found.is_valid(now()):
        raise PromoNotValid
    raise PromoUsedUp


async def _next_turn(session: AsyncSession, code: PromoCode, user_id: UUID) -> int:
    """Return the lowest unused turn of the user.

    The code's row is locked by now, so no other order can take the turn.
    """
    rows = select(PromoUse.turn).where(
        PromoUse.promo_code_id == code.id, PromoUse.user_id == user_id
    )
    taken = set((await session.exec(rows)).all())
    free = next((n for n in range(1, code.per_user + 1) if n not in taken), None)
    if free is None:
        raise PromoUseLimitReached
    return free
