"""Notifications about payouts, to the owners of a vendor."""

from sqlmodel import select
from sqlmodel.ext.asyncio.session import AsyncSession

from core.errors import UserMessage
from core.money import in_major_units
from models.identity.accounts import User
from models.ledger.adjustments import WRITE_OFF, AdjustmentState, LedgerAdjustment
from models.notifications.inbox import Notification, NotificationKind
from models.payouts.accounts import WAIT_HOURS, PayoutAccount, PayoutRail
from models.payouts.debts import NOTICE_DAYS
from models.payouts.payouts import Payout
from models.payouts.terms import PayoutTerms
from models.vendors import Vendor
from services.i18n import translate
from services.notifications.decisions import compose_decision, name_of
from services.notifications.kinds import DeclaredKind, NotificationText
from services.payouts.balances import read_available

REQUIRED = UserMessage("Mails about the payouts of your business cannot be turned off.")


async def _account_changed(
    session: AsyncSession, notification: Notification, user: User
) -> NotificationText:
    account = await session.get_one(PayoutAccount, notification.subject_id)
    vendor = await session.get_one(Vendor, account.vendor_id)
    return compose_decision(
        user,
        UserMessage("The payout account of your business was changed"),
        UserMessage(
            "The payout account of {vendor} was changed to {account}. It gets money in {hours}"
            " hours at the earliest. If this was not one of you, set the account again now, and"
            " write to us.",
            vendor=name_of(vendor, user),
            account=_account(account, user),
            hours=WAIT_HOURS,
        ),
    )


async def _account_restricted(
    session: AsyncSession, notification: Notification, user: User
) -> NotificationText:
    account = await session.get_one(PayoutAccount, notification.subject_id)
    vendor = await session.get_one(Vendor, account.vendor_id)
    return compose_decision(
        user,
        UserMessage("Your business cannot be paid out"),
        UserMessage(
            "The payout account of {vendor}, {account}, cannot get money. Check it, or set another"
            " one.",
            vendor=name_of(vendor, user),
            account=_account(account, user),
        ),
        reason=account.problem,
    )


async def _paid(session: AsyncSession, notification: Notification, user: User) -> NotificationText:
    body = UserMessage("{amount} {currency} was paid out to {vendor}, to {account}.")
    title = UserMessage("Your business was paid out")
    return await _about_payout(session, notification, user, title, body)


async def _failed(
    session: AsyncSession, notification: Notification, user: User
) -> NotificationText:
    body = UserMessage(
        "{amount} {currency} could not be paid out to {vendor}, to {account}. The money is in its"
        " balance again. Check the account, or set another one."
    )
    title = UserMessage("A payout of your business has failed")
    return await _about_payout(session, notification, user, title, body)


async def _returned(
    session: AsyncSession, notification: Notification, user: User
) -> NotificationText:
    body = UserMessage(
        "The bank has sent {amount} {currency} back that were paid out to {vendor}, to {account}."
        " The money is in its balance again. Check the account, or set another one."
    )
    title = UserMessage("A payout of your business came back")
    return await _about_payout(session, notification, user, title, body)


async def _about_payout(
    session: AsyncSession,
    notification: Notification,
    user: User,
    title: UserMessage,
    body: UserMessage,
) -> NotificationText:
    payout = await session.get_one(Payout, notification.subject_id)
    account = await session.get_one(PayoutAccount, payout.payout_account_id)
    vendor = await session.get_one(Vendor, payout.vendor_id)
    values = {
        "amount": in_major_units(payout.amount, payout.currency),
        "currency": payout.currency,
        "vendor": name_of(vendor, user),
        "account": _account(account, user),
    }
    return compose_decision(
        user, title, UserMessage(body.template, **values), reason=payout.failure
    )


def _account(account: PayoutAccount, user: User) -> str:
    """Return how an account is called: by the end of its number, as its owner knows it."""
    if account.last4:
        message = UserMessage("the bank account that ends in {last4}", last4=account.last4)
    elif account.rail is PayoutRail.STRIPE:
        message = UserMessage("the account at Stripe")
    else:
        message = UserMessage("the bank account")
    return translate(message, [user.locale])


async def _reserve_set(
    session: AsyncSession, notification: Notification, user: User
) -> NotificationText:
    """Compose the text with the reserve as it is now."""
    vendor = await session.get_one(Vendor, notification.subject_id)
    terms = await session.get(PayoutTerms, vendor.id)
    title, name = UserMessage("The reserve of your business changes"), name_of(vendor, user)
    if terms is None or terms.reserve_bps is None:
        body = UserMessage("The usual reserve holds for {vendor} again.", vendor=name)
        return compose_decision(user, title, body)
    body = UserMessage(
        "From now on, {percent} % of the sales of {vendor} are kept back for {days} days after"
        " their release.",
        percent=terms.reserve_bps / 100,
        vendor=name,
        days=terms.reserve_days,
    )
    return compose_decision(user, title, body)


async def _in_debt(
    session: AsyncSession, notification: Notification, user: User
) -> NotificationText:
    vendor = await session.get_one(Vendor, notification.subject_id)
    owed = max(0, -await read_available(session, vendor.id, vendor.currency))
    return compose_decision(
        user,
        UserMessage("Your business owes money"),
        UserMessage(
            "The balance of {vendor} has been below zero for {days} days, because more was refunded"
            " than sold. It owes {amount} {currency}. Later sales are set off against it. You can"
            " pay it on the page of its balance.",
            vendor=name_of(vendor, user),
            days=NOTICE_DAYS,
            amount=in_major_units(owed, vendor.currency),
            currency=vendor.currency,
        ),
    )


async def _written_off(
    session: AsyncSession, notification: Notification, user: User
) -> NotificationText:
    vendor = await session.get_one(Vendor, notification.subject_id)
    found = await _find_write_off(session, vendor, notification.up_to_sequence)
    title, name = UserMessage("A debt of your business was written off"), name_of(vendor, user)
    if found is None:
        body = UserMessage("A debt of {vendor} was written off.", vendor=name)
        return compose_decision(user, title, body)
    body = UserMessage(
        "{amount} {currency} that {vendor} owed was written off.",
        amount=in_major_units(found.amount, found.currency),
        currency=found.currency,
        vendor=name,
    )
    return compose_decision(user, title, body)


async def _find_write_off(
    session: AsyncSession, vendor: Vendor, decided_at: int
) -> LedgerAdjustment | None:
    debit, credit = WRITE_OFF
    rows = select(LedgerAdjustment).where(
        LedgerAdjustment.owner_id == vendor.id,
        LedgerAdjustment.debit == debit,
        LedgerAdjustment.credit == credit,
        LedgerAdjustment.state == AdjustmentState.APPROVED,
    )
    found = (await session.exec(rows)).all()
    return next(
        (one for one in found if one.decided_at and int(one.decided_at.timestamp()) == decided_at),
        None,
    )


KINDS = [
    DeclaredKind(
        NotificationKind.PAYOUT_ACCOUNT_CHANGED,
        "The payout account of a vendor that the user owns was set or replaced. Its mail cannot be"
        " turned off.",
        subject="PayoutAccount",
        compose=_account_changed,
        required=REQUIRED,
    ),
    DeclaredKind(
        NotificationKind.PAYOUT_ACCOUNT_RESTRICTED,
        "The payout account of a vendor that the user owns cannot get money. Its mail cannot be"
        " turned off.",
        subject="PayoutAccount",
        compose=_account_restricted,
        required=REQUIRED,
    ),
    DeclaredKind(
        NotificationKind.PAYOUT_PAID,
        "A vendor that the user owns was paid out.",
        subject="Payout",
        compose=_paid,
    ),
    DeclaredKind(
        NotificationKind.PAYOUT_FAILED,
        "A payout of a vendor that the user owns has failed. Its mail cannot be turned off.",
        subject="Payout",
        compose=_failed,
        required=REQUIRED,
    ),
    DeclaredKind(
        NotificationKind.PAYOUT_RETURNED,
        "The bank has sent a payout of a vendor that the user owns back. Its mail cannot be turned"
        " off.",
        subject="Payout",
        compose=_returned,
        required=REQUIRED,
    ),
    DeclaredKind(
        NotificationKind.RESERVE_SET,
        "An admin has set the reserve of a vendor that the user owns. Its mail cannot be turned"
        " off.",
        subject="Vendor",
        compose=_reserve_set,
        required=REQUIRED,
    ),
    DeclaredKind(
        NotificationKind.VENDOR_IN_DEBT,
        "The balance of a vendor that the user owns has been below zero for 60 days. Its mail"
        " cannot be turned off.",
        subject="Vendor",
        compose=_in_debt,
        required=REQUIRED,
    ),
    DeclaredKind(
        NotificationKind.DEBT_WRITTEN_OFF,
        "Admins have written off a debt of a vendor that the user owns. Its mail cannot be turned"
        " off.",
        subject="Vendor",
        compose=_written_off,
        required=REQUIRED,
    ),
]
