"""Money that goes back by the way it came. See `services/refunds` for what a provider answers."""

from sqlmodel.ext.asyncio.session import AsyncSession

from models.payments.calls import CallPurpose
from models.payments.refunds import RefundPart
from services.payments.calls.rows import plan_call


async def send_back(session: AsyncSession, part: RefundPart) -> None:
    """Plan the call that sends a new part of a refund, if its provider sends money itself.

    The part is flushed. The other parts are settled by hand, or go into a wallet at once.
    """
    if part.provider.is_online:
        await plan_call(session, part.provider, part.id, CallPurpose.REFUND)
