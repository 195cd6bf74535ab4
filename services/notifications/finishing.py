"""The parts of a mail beside its text: the file for a calendar, and the link to a page."""

from core.calendars.writing import Guest, write_invitation
from core.clock import now
from core.security.signing_keys import SigningKeys
from gateways.mail import Attachment
from services.links import sign_link
from services.notifications.kinds import Invitation, PageLink

FILE_NAME = "invite.ics"  # by which mail programs know it
MIN_SECONDS = 60


def invite(invitation: Invitation, people: Guest) -> Attachment:
    """Return the file with which a mail program adds an entry, changes it or takes it away."""
    content = write_invitation(invitation.entry, people, invitation.method)
    parameters = {"charset": "utf-8", "method": invitation.method.value}
    return Attachment(FILE_NAME, "text/calendar", content, parameters)


def sign_page_link(keys: SigningKeys, public_url: str, link: PageLink) -> str:
    """Return the address of a page, with the token in the fragment: no log and no proxy sees it."""
    seconds = max(MIN_SECONDS, int((link.expires_at - now()).total_seconds()))
    signed = sign_link(keys, link.purpose, link.claims, seconds)
    return f"{public_url}{link.path}#{signed.token}"
