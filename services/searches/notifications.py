"""Notifications about new offers that match saved searches."""

from sqlmodel import col
from sqlmodel.ext.asyncio.session import AsyncSession

from core.errors import UserMessage
from models.base import localized
from models.identity.accounts import User
from models.notifications.deliveries import SkipReason
from models.notifications.inbox import Notification, NotificationKind
from models.offers.offers import Offer
from models.searches import SavedSearch, SavedSearchHit, SearchNotices
from models.vendors import Vendor
from services.i18n import translate
from services.notifications.kinds import DeclaredKind, NotificationText, quoted
from services.offers.offers import live_offers

TITLE = UserMessage("A new offer for your saved search")
DAILY_TITLE = UserMessage("New offers for your saved searches")
DAILY_BODY = UserMessage("Number of new offers: {count}. Open the app to see them.")
REASON = UserMessage(
    "You saved a search on Haat. If you no longer want these mails, turn them off in your settings,"
    " or change your saved searches."
)


async def _matched(
    session: AsyncSession, notification: Notification, user: User
) -> NotificationText:
    offer = await session.get_one(Offer, notification.subject_id)
    vendor = await session.get_one(Vendor, offer.vendor_id)
    locales = [user.locale]
    known = {
        "vendor": quoted(vendor.name, otherwise=translate(UserMessage("a business"), locales)),
        "offer": quoted(
            localized(offer.title, locales, offer.locale),
            otherwise=translate(UserMessage("an offer"), locales),
        ),
    }
    return _text(TITLE, UserMessage("{offer} at {vendor}", **known), locales)


async def _matched_daily(
    session: AsyncSession, notification: Notification, user: User
) -> NotificationText:
    body = UserMessage(DAILY_BODY.template, count=notification.count)
    return _text(DAILY_TITLE, body, [user.locale])


def _text(title: UserMessage, body: UserMessage, locales: list[str]) -> NotificationText:
    subject, text = translate(title, locales), translate(body, locales)
    return NotificationText(
        push_title=subject,
        push_body=text,
        mail_subject=subject,
        mail_body=f"{text}\n\n{translate(REASON, locales)}\n",
    )


async def _find_skip_reason(session: AsyncSession, notification: Notification) -> SkipReason | None:
    """Skip a delivery if the offer is not live, or no search of the user matches it any more."""
    rows = (
        live_offers()
        .join(SavedSearchHit, col(SavedSearchHit.offer_id) == Offer.id)
        .join(SavedSearch, col(SavedSearch.id) == SavedSearchHit.search_id)
        .where(
            Offer.id == notification.subject_id,
            SavedSearch.user_id == notification.user_id,
            SavedSearch.notices != SearchNotices.OFF,
        )
    )
    found = (await session.exec(rows)).first()
    return SkipReason.NO_PART if found is None else None


KINDS = [
    DeclaredKind(
        NotificationKind.SAVED_SEARCH_MATCHED,
        "A new offer matches a saved search of the user, or several of them. At most about ten a"
        " day: further ones are in the daily message.",
        subject="Offer",
        compose=_matched,
        find_skip_reason=_find_skip_reason,
    ),
    DeclaredKind(
        NotificationKind.SAVED_SEARCHES_MATCHED_DAILY,
        "New offers match saved searches of the user: `count` of them, since the day before. About"
        " the search with the latest one.",
        subject="SavedSearch",
        compose=_matched_daily,
    ),
]
