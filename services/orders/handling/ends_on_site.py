"""When the things of a part that are had on site, such as dates and visits, are over."""

from datetime import datetime

from sqlmodel.ext.asyncio.session import AsyncSession

from core.clock import now
from models.orders.orders import SubOrder
from models.orders.states import InvalidOrderState, SubOrderState
from services.orders.rules import RULES

TO_COME = (
    "A date or a visit of this order is still to come. The order is delivered after the last one."
)


async def find_end_on_site(session: AsyncSession, part: SubOrder) -> datetime | None:
    """Return when the last thing of a part is over. None if nothing of it is had on site."""
    ends = [await rules.over_at(session, part.id) for rules in RULES.values()]
    return max((end for end in ends if end is not None), default=None)


async def waits_on_site(session: AsyncSession, part: SubOrder) -> bool:
    """Return whether something of a part is still to come."""
    over_at = await find_end_on_site(session, part)
    return over_at is not None and over_at > now()


async def ensure_over(session: AsyncSession, part: SubOrder) -> None:
    """Raise `InvalidOrderState` for a part that is delivered, and its vendor paid, too early."""
    if part.state is SubOrderState.SHIPPED and await waits_on_site(session, part):
        raise InvalidOrderState(TO_COME)
