"""The loop of the worker that announces what many change at once."""

import asyncio

import structlog

from core.outages import DATABASE_ERRORS
from services.events.pulse import PULSE_SECONDS, find_changed, pulse
from services.transaction import Transactions

log = structlog.get_logger(__name__)


async def pulse_forever(transactions: Transactions) -> None:
    """Fold the changes of all dates every 250 ms. Each worker does; a date is folded by one."""
    while True:
        await asyncio.sleep(PULSE_SECONDS)
        try:
            await pulse_once(transactions)
        except DATABASE_ERRORS as error:
            log.warning("pulse.failed", error=repr(error))


async def pulse_once(transactions: Transactions) -> int:
    """Fold what can be announced now. Returns of how many dates."""
    async with transactions.begin() as session:
        dates = await find_changed(session)
    folded = 0
    for event_date_id in dates:
        async with transactions.begin() as session:
            folded += await pulse(session, event_date_id)
    return folded
