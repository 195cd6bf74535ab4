"""The page of the link that verifies an email address.

The token is in the fragment, which browsers do not send: no log and no proxy sees it. Opening the
page changes nothing, because mail scanners open links too; the form does.
"""

from collections.abc import Mapping
from pathlib import Path

from starlette.requests import Request
from starlette.responses import FileResponse, Response
from starlette.routing import Mount, Route
from starlette.staticfiles import StaticFiles
from starlette.templating import Jinja2Templates

from core.documents.trusted_documents import sha256
from core.errors import UserMessage
from core.settings import HOME
from services.i18n import language_of, translate
from services.identity.verification_mail import LINK_PATH
from web.graphql.content_negotiation import accepted_languages

FOLDER = Path(__file__).parent
DOCUMENTS = {path.stem: path.read_text() for path in (FOLDER / "documents").glob("*.graphql")}
HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none';"
        " style-src 'self'; script-src 'self'; connect-src 'self'; img-src data:"
    ),
    "Referrer-Policy": "no-referrer",
    "Vary": "Accept-Language",
}
TEXTS = {
    "title": UserMessage("Confirm your email address"),
    "explanation": UserMessage("Choose a password for your account. You can then sign in with it."),
    "password": UserMessage("New password"),
    "rule": UserMessage("At least 8 characters. Four unrelated words are a good password."),
    "button": UserMessage("Create the account"),
    "done": UserMessage("Your address is confirmed. You can now sign in with the new password."),
    "incomplete": UserMessage("This link is incomplete. Copy the whole link from the mail."),
    "failed": UserMessage("The server did not answer as expected. Try again in a moment."),
    "script": UserMessage("This page needs JavaScript. Or enter the code where you registered."),
}

templates = Jinja2Templates(directory=FOLDER / "templates")


def trusted_documents() -> Mapping[str, str]:
    """Return the documents of the page by SHA-256, so that it works where only trusted ones run."""
    return {sha256(document): document for document in DOCUMENTS.values()}


async def link(request: Request) -> Response:
    locales = accepted_languages(request.headers.get("accept-language", ""))
    values = {
        "language": language_of(locales),
        "text": {name: translate(message, locales) for name, message in TEXTS.items()},
        "documents": [(name, document, sha256(document)) for name, document in DOCUMENTS.items()],
    }
    return templates.TemplateResponse(request, "link.html", values, headers=HEADERS)


async def theme(request: Request) -> Response:
    return FileResponse(HOME / "static/paper.css")


routes: list[Route | Mount] = [
    Route(LINK_PATH, link),
    Route("/static/paper.css", theme),
    Mount("/static/auth", StaticFiles(directory=HOME / "static/auth")),
]
