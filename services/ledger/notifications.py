"""Notifications about wallets."""

from sqlmodel.ext.asyncio.session import AsyncSession

from core.errors import UserMessage
from core.money import in_major_units
from models.identity.accounts import User
from models.ledger.accounts import WALLET_KINDS, LedgerAccount
from models.ledger.entries import LedgerEntry
from models.ledger.promo_money import PromoMoney
from models.notifications.inbox import Notification, NotificationKind
from services.notifications.kinds import DeclaredKind, NotificationText


async def _adjusted(
    session: AsyncSession, notification: Notification, user: User
) -> NotificationText:
    entry = await session.get_one(LedgerEntry, notification.subject_id)
    credited = await session.get_one(LedgerAccount, entry.credit_id)
    values = {"amount": in_major_units(entry.amount, entry.currency), "currency": entry.currency}
    body = (
        UserMessage(
            "We have added {amount} {currency} to the wallet. If you did not expect this, write to"
            " us.",
            **values,
        )
        if credited.kind in WALLET_KINDS
        else UserMessage(
            "We have taken {amount} {currency} out of the wallet. If you did not expect this,"
            " write to us.",
            **values,
        )
    )
    return NotificationText.of(UserMessage("A wallet was changed"), body, [user.locale])


async def _ending(
    session: AsyncSession, notification: Notification, user: User
) -> NotificationText:
    one = await session.get_one(PromoMoney, notification.subject_id)
    body = UserMessage(
        "{amount} {currency} of promotional money ends on {day}. Use it before that.",
        amount=in_major_units(one.remaining, one.currency),
        currency=one.currency,
        day=one.ends_at.date(),
    )
    return NotificationText.of(UserMessage("Promotional money ends soon"), body, [user.locale])


KINDS = [
    DeclaredKind(
        NotificationKind.PROMO_MONEY_ENDING,
        "Promotional money in the user's wallet ends in three days. For a vendor's wallet, its"
        " owners are notified.",
        subject="PromoMoney",
        compose=_ending,
    ),
    DeclaredKind(
        NotificationKind.WALLET_ADJUSTED,
        "Admins have added money to the user's wallet, or taken it out. For a vendor's wallet, its"
        " owners are notified.",
        subject="WalletEntry",
        compose=_adjusted,
    ),
]
