"""The pages of links: of addresses, passwords, invitations, new admins, exports and deletions.

The token is in the fragment, which browsers do not send: no log and no proxy sees it. Opening a
page changes nothing, because mail scanners open links too; its form does. A page first looks
whether the link is still valid, so that no password is typed in vain.
"""

from collections.abc import Mapping
from functools import cache
from pathlib import Path

from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import FileResponse, HTMLResponse, Response
from starlette.routing import Mount, Route
from starlette.staticfiles import StaticFiles
from starlette.templating import Jinja2Templates

from core.documents.trusted_documents import sha256
from core.errors import UserMessage
from core.settings import HOME
from engine.context import AppState
from models.identity.accounts import EmailTaken
from models.identity.admin_invitations import InvitationEnded
from models.identity.links import AuthLinkPurpose
from models.identity.password_resets import LinkEnded
from models.identity.registrations import CodeEnded
from services.i18n import language_of, translate
from services.identity.addresses.email_change_mail import EMAIL_LINK_PATH, UNDO_LINK_PATH
from services.identity.admin_invitations import ADMIN_LINK_PATH
from services.identity.passwords.reset_mail import RESET_LINK_PATH
from services.identity.registrations.verification_mail import LINK_PATH
from services.members.invitation_mail import INVITATION_LINK_PATH
from services.privacy.deletion_mail import CANCEL_LINK_PATH
from services.privacy.export_mail import EXPORT_LINK_PATH
from web.graphql.content_negotiation import accepted_languages
from web.middleware.network_charges import PageCharge

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
COMMON_TEXTS = {
    "email": UserMessage("Email address"),
    "failed": UserMessage("The server did not answer as expected. Try again in a moment."),
}
PASSWORD_TEXTS = COMMON_TEXTS | {
    "new_password": UserMessage("New password"),
    "rule": UserMessage("At least 8 characters. Four unrelated words are a good password."),
}
VERIFICATION_TEXTS = PASSWORD_TEXTS | {
    "title": UserMessage("Confirm your email address"),
    "explanation": UserMessage("Choose a password for your account. You can then sign in with it."),
    "button": UserMessage("Create the account"),
    "done": UserMessage("Your address is confirmed. You can now sign in with the new password."),
    "incomplete": UserMessage("This link is incomplete. Copy the whole link from the mail."),
    "ended": UserMessage(CodeEnded.message),
    "taken": UserMessage(EmailTaken.message),
    "script": UserMessage("This page needs JavaScript. Or enter the code where you registered."),
}
RESET_TEXTS = PASSWORD_TEXTS | {
    "title": UserMessage("Choose a new password"),
    "explanation": UserMessage(
        "Choose a new password for your account. All its devices are then signed out."
    ),
    "button": UserMessage("Set the password"),
    "done": UserMessage("The password was changed. You can now sign in with it."),
    "incomplete": UserMessage("This link is incomplete. Copy the whole link from the mail."),
    "ended": UserMessage(LinkEnded.message),
    "script": UserMessage("This page needs JavaScript."),
}
EMAIL_TEXTS = COMMON_TEXTS | {
    "title": UserMessage("Confirm your new email address"),
    "explanation": UserMessage("It becomes the address of your account on Haat."),
    "button": UserMessage("Confirm the address"),
    "done": UserMessage("The address was changed. From now on, sign in with it."),
    "incomplete": UserMessage("This link is incomplete. Copy the whole link from the mail."),
    "ended": UserMessage(LinkEnded.message),
    "script": UserMessage("This page needs JavaScript."),
}
UNDO_TEXTS = EMAIL_TEXTS | {
    "title": UserMessage("Take your old email address back"),
    "explanation": UserMessage(
        "It becomes the address of your account again. All devices are signed out, and the password"
        " ends. You get a mail with a link to choose a new one."
    ),
    "button": UserMessage("Undo the change"),
    "done": UserMessage("The change was undone. Look for the mail with the link."),
}
ADMIN_TEXTS = PASSWORD_TEXTS | {
    "title": UserMessage("Become an admin"),
    "explanation": UserMessage(
        "Choose a name and a password for your new account. It will be an admin's."
    ),
    "explanation_account": UserMessage(
        "Enter the password of your account. It will become an admin's."
    ),
    "name": UserMessage("Name"),
    "factor": UserMessage("Code of your app, or a recovery code"),
    "password": UserMessage("Password"),
    "button": UserMessage("Become an admin"),
    "done": UserMessage(
        "You are an admin now. All sessions of the account have ended. Sign in to the app again."
    ),
    "incomplete": UserMessage("This link is incomplete. Copy the whole link."),
    "ended": UserMessage(InvitationEnded.message),
    "script": UserMessage("This page needs JavaScript."),
}
INVITATION_TEXTS = COMMON_TEXTS | {
    "title": UserMessage("You are invited to a vendor"),
    "explanation": UserMessage("Become a member of this vendor with the account of this address:"),
    "password": UserMessage("Password"),
    "code": UserMessage("One-time code or recovery code"),
    "button": UserMessage("Accept the invitation"),
    "decline": UserMessage("Decline"),
    "stranger": UserMessage(
        "This address has no account yet. Create one with it in the app, then open this link again."
    ),
    "in_app": UserMessage("Your account needs a passkey. Accept the invitation in the app."),
    "done": UserMessage("You are a member now. Sign in to the app to begin."),
    "declined": UserMessage("The invitation was declined."),
    "incomplete": UserMessage("This link is incomplete. Copy the whole link from the mail."),
    "ended": UserMessage(InvitationEnded.message),
    "script": UserMessage("This page needs JavaScript."),
}
KEEP_TEXTS = COMMON_TEXTS | {
    "title": UserMessage("Keep your account"),
    "explanation": UserMessage("This account will be deleted. Do you want to keep it?"),
    "button": UserMessage("Keep the account"),
    "done": UserMessage("The account stays. You can use it as before."),
    "incomplete": UserMessage("This link is incomplete. Copy the whole link from the mail."),
    "ended": UserMessage(LinkEnded.message),
    "script": UserMessage("This page needs JavaScript."),
}
EXPORT_TEXTS = COMMON_TEXTS | {
    "title": UserMessage("Download your data"),
    "explanation": UserMessage(
        "Sign in to download the copy of your data. The link works once: keep the file safe."
    ),
    "password": UserMessage("Password"),
    "code": UserMessage("One-time code or recovery code"),
    "button": UserMessage("Download"),
    "in_app": UserMessage("Your account needs a passkey. Open this link in the app."),
    "done": UserMessage("The download has started."),
    "incomplete": UserMessage("This link is incomplete. Copy the whole link from the mail."),
    "ended": UserMessage(LinkEnded.message),
    "script": UserMessage("This page needs JavaScript."),
}

TEXTS = {
    AuthLinkPurpose.VERIFY_EMAIL: VERIFICATION_TEXTS,
    AuthLinkPurpose.RESET_PASSWORD: RESET_TEXTS,
    AuthLinkPurpose.CHANGE_EMAIL: EMAIL_TEXTS,
    AuthLinkPurpose.UNDO_CHANGE: UNDO_TEXTS,
    AuthLinkPurpose.ACCEPT_ADMIN: ADMIN_TEXTS,
    AuthLinkPurpose.ACCEPT_INVITATION: INVITATION_TEXTS,
    AuthLinkPurpose.CANCEL_DELETION: KEEP_TEXTS,
    AuthLinkPurpose.DOWNLOAD_DATA: EXPORT_TEXTS,
}

TEMPLATES = {
    AuthLinkPurpose.ACCEPT_INVITATION: "invitation.html",
    AuthLinkPurpose.DOWNLOAD_DATA: "export.html",
}

templates = Jinja2Templates(directory=FOLDER / "templates")


def trusted_documents() -> Mapping[str, str]:
    """Return the documents of the page by SHA-256, so that it works where only trusted ones run."""
    return {sha256(document): document for document in DOCUMENTS.values()}


async def link(request: Request) -> Response:
    return _answer(request, AuthLinkPurpose.VERIFY_EMAIL)


async def reset(request: Request) -> Response:
    return _answer(request, AuthLinkPurpose.RESET_PASSWORD)


async def email(request: Request) -> Response:
    return _answer(request, AuthLinkPurpose.CHANGE_EMAIL)


async def undo(request: Request) -> Response:
    return _answer(request, AuthLinkPurpose.UNDO_CHANGE)


async def admin(request: Request) -> Response:
    return _answer(request, AuthLinkPurpose.ACCEPT_ADMIN)


async def invitation(request: Request) -> Response:
    return _answer(request, AuthLinkPurpose.ACCEPT_INVITATION)


async def keep(request: Request) -> Response:
    return _answer(request, AuthLinkPurpose.CANCEL_DELETION)


async def export(request: Request) -> Response:
    return _answer(request, AuthLinkPurpose.DOWNLOAD_DATA)


def _answer(request: Request, purpose: AuthLinkPurpose) -> Response:
    locales = accepted_languages(request.headers.get("accept-language", ""))
    return HTMLResponse(_render(purpose, language_of(locales)), headers=HEADERS)


@cache
def _render(purpose: AuthLinkPurpose, language: str) -> str:
    """Return a page. `language` is one of `language_of`, of which there are at most 10."""
    values = {
        "purpose": purpose,
        "asks_password": "new_password" in TEXTS[purpose],
        "asks_name": purpose is AuthLinkPurpose.ACCEPT_ADMIN,
        "language": language,
        "text": {name: translate(text, [language]) for name, text in TEXTS[purpose].items()},
        "documents": [(name, document, sha256(document)) for name, document in DOCUMENTS.items()],
    }
    template = TEMPLATES.get(purpose, "link.html")
    return templates.get_template(template).render(values)


async def theme(request: Request) -> Response:
    return FileResponse(HOME / "static/paper.css")


def routes(app: AppState) -> list[Route | Mount]:
    charged = [Middleware(PageCharge, app)]
    return [
        Route(LINK_PATH, link, middleware=charged),
        Route(RESET_LINK_PATH, reset, middleware=charged),
        Route(EMAIL_LINK_PATH, email, middleware=charged),
        Route(UNDO_LINK_PATH, undo, middleware=charged),
        Route(ADMIN_LINK_PATH, admin, middleware=charged),
        Route(INVITATION_LINK_PATH, invitation, middleware=charged),
        Route(CANCEL_LINK_PATH, keep, middleware=charged),
        Route(EXPORT_LINK_PATH, export, middleware=charged),
        Route("/static/paper.css", theme, middleware=charged),
        Mount("/static/auth", StaticFiles(directory=HOME / "static/auth"), middleware=charged),
    ]
