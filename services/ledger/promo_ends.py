"""The end of promotional money: announced some days before, and posted by a job."""

from datetime import datetime
from uuid import UUID

import structlog
from sqlalchemy import ColumnElement
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from core.clock import now
from core.database import for_change
from models.identity.accounts import User
from models.ledger.promo_money import REMINDER_TIME, PromoMoney
from models.notifications.inbox import NotificationKind
from services.ledger.promo_money import end_due
from services.ledger.wallets import lock_wallet
from services.notifications import inbox
from services.transaction import OpenTransaction
from services.vendors.owner_notices import find_owners

BATCH_SIZE = 100

log = structlog.get_logger(__name__)


async def end_promo_money(transaction: OpenTransaction) -> bool:
    """End what is past its end in a batch of wallets. Returns whether there may be more."""
    async with transaction() as session:
        rows = select(PromoMoney.owner_id, PromoMoney.currency).where(*_ends_before(now()))
        wallets = (await session.exec(rows.distinct().limit(BATCH_SIZE))).all()
    ended = [await _try_to_end(transaction, *one) for one in wallets]
    return len(wallets) == BATCH_SIZE and any(ended)


async def _try_to_end(transaction: OpenTransaction, owner_id: UUID, currency: str) -> bool:
    """End what is due of a wallet. A failure is logged, and does not keep others from theirs."""
    try:
        async with transaction() as session:
            await lock_wallet(session, owner_id, currency)
            return bool(await end_due(session, owner_id, currency))
    except Exception:
        log.exception("promo_money.not_ended", owner_id=str(owner_id))
        return False


async def remind_of_ends(transaction: OpenTransaction) -> bool:
    """Remind the owners of a batch of money that ends soon, each once."""
    async with transaction() as session:
        rows = select(PromoMoney).where(
            *_ends_before(now() + REMINDER_TIME), col(PromoMoney.reminded_at).is_(None)
        )
        batch = for_change(rows.order_by(col(PromoMoney.id)).limit(BATCH_SIZE))
        found = (await session.exec(batch)).all()
        notices: set[tuple[UUID, UUID]] = set()
        for one in found:
            one.reminded_at = now()
            if one.ends_at > now():
                notices |= {(id, one.id) for id in await _people_of(session, one.owner_id)}
        for user_id, subject_id in sorted(notices):
            await inbox.notify(session, user_id, NotificationKind.PROMO_MONEY_ENDING, subject_id)
    return len(found) == BATCH_SIZE


def _ends_before(moment: datetime) -> tuple[ColumnElement[bool], ColumnElement[bool]]:
    return col(PromoMoney.remaining) > 0, col(PromoMoney.ends_at) <= moment


async def _people_of(session: AsyncSession, owner_id: UUID) -> list[UUID]:
    """Return the user whose wallet it is, or the owners of the vendor. None if erased."""
    user = await session.get(User, owner_id)
    if user is not None:
        return [] if user.is_erased else [user.id]
    return [*await find_owners(session, owner_id)]
