"""The mail of registrations, as the worker composes it."""

import re
from dataclasses import dataclass

from sqlmodel import col, select

from gateways.mail import MailMessage
from models.identity.registrations import Registration
from services.identity.addresses.sealed_addresses import has_email, lookup_email
from services.identity.registrations.verification_mail import compose_verification
from tests.factories.world import World

LINK = re.compile(r"^https://haat\.example/auth/link#(\S+)$", re.MULTILINE)
CODE = re.compile(r"^    (\d{6})$", re.MULTILINE)


@dataclass(frozen=True)
class Proof:
    """A mail with its token and code, which are empty if it has none."""

    mail: MailMessage
    token: str
    code: str


async def read_mail(world: World, email: str) -> Proof:
    """Return the mail that the newest registration of an address gets now."""
    newest = (
        select(Registration.id)
        .where(has_email(Registration, lookup_email(world.sealer, email)))
        .order_by(col(Registration.id).desc())
    )
    async with world.database.session() as session, session.begin():
        registration_id = (await session.exec(newest)).first()
        assert registration_id is not None
        mail = await compose_verification(
            session, world.sealer, registration_id, "https://haat.example"
        )
    assert mail is not None
    link, code = LINK.search(mail.body), CODE.search(mail.body)
    return Proof(mail, link[1] if link else "", code[1] if code else "")


def wrong(code: str) -> str:
    """Return another code."""
    return f"{(int(code) + 1) % 1_000_000:06}"
