"""Invitations to a vendor, and the mail that the worker composes of them."""

import re
from dataclasses import dataclass
from typing import Any

from core.ids import new_id
from core.security.random_secrets import hash_secret
from gateways.mail import MailMessage
from models.identity.accounts import User
from models.members import MemberInvitation
from models.vendors import MemberRole, Vendor
from services.members.invitation_mail import compose_invitation
from tests.factories.emails import give_email
from tests.factories.world import World

LINK = re.compile(r"^https://haat\.example/auth/invitation#(\S+)$", re.MULTILINE)


@dataclass(frozen=True)
class SentInvitation:
    """An open invitation whose mail was sent."""

    row: MemberInvitation
    token: str

    @property
    def input(self) -> dict[str, str]:
        return {"token": self.token}


def address() -> str:
    """Return an address that no test has used: mails per address are limited."""
    return f"{new_id()}@haat.example"


async def invitation(
    world: World, vendor: Vendor, inviter: User, email: str, role: MemberRole, **values: Any
) -> SentInvitation:
    token = str(new_id())
    given = {"locale": "en", "token_hash": hash_secret(token)} | values
    row = MemberInvitation(vendor_id=vendor.id, invited_by_id=inviter.id, role=role, **given)
    give_email(world.sealer, row, email)
    await world.save(row)
    return SentInvitation(row, token)


async def read_invitation(world: World, row: MemberInvitation) -> tuple[MailMessage, str]:
    """Return the mail that an invitation gets now, and the token of its link."""
    async with world.database.session() as session, session.begin():
        mail = await compose_invitation(session, world.sealer, row.id, "https://haat.example")
    assert mail is not None
    link = LINK.search(mail.body)
    assert link is not None
    return mail, link[1]
