"""The page of a reminder's link, on which customers confirm that they come, or cancel.

As on the other pages of links, the token is in the fragment, and opening the page changes nothing:
mail scanners open links too.
"""

from functools import cache

from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import Route

from core.documents.trusted_documents import sha256
from core.errors import UserMessage
from engine.context import AppState
from models.bookings.setting_up.reminders import BookingLinkEnded
from services.bookings.reminding.links import PATH
from services.i18n import language_of, translate
from web.graphql.content_negotiation import accepted_languages
from web.middleware.network_charges import PageCharge
from web.pages.link import COMMON_TEXTS, DOCUMENTS, HEADERS, templates

USED = ("linked_booking", "confirm_attendance_by_link", "cancel_booking_by_link")
TEXTS = COMMON_TEXTS | {
    "title": UserMessage("Your booking"),
    "at": UserMessage("at"),
    "button": UserMessage("I will come"),
    "coming": UserMessage("The business knows that you come."),
    "cancel": UserMessage("Cancel the booking"),
    "refund": UserMessage("If you cancel now, you get this back:"),
    "sure": UserMessage("Press again to cancel the booking."),
    "done": UserMessage("Thank you. The business knows that you come."),
    "cancelled": UserMessage("The booking is cancelled."),
    "incomplete": UserMessage("This link is incomplete. Copy the whole link from the mail."),
    "ended": UserMessage(BookingLinkEnded.message),
    "script": UserMessage("This page needs JavaScript."),
}


async def page(request: Request) -> Response:
    locales = accepted_languages(request.headers.get("accept-language", ""))
    return HTMLResponse(_render(language_of(locales)), headers=HEADERS)


@cache
def _render(language: str) -> str:
    """Return the page. `language` is one of `language_of`, of which there are at most 10."""
    values = {
        "language": language,
        "text": {name: translate(text, [language]) for name, text in TEXTS.items()},
        "documents": [(name, DOCUMENTS[name], sha256(DOCUMENTS[name])) for name in USED],
    }
    return templates.get_template("booking.html").render(values)


def routes(app: AppState) -> list[Route]:
    return [Route(PATH, page, middleware=[Middleware(PageCharge, app)])]
