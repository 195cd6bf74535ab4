"""Mails about the security of an account, which cannot be turned off."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from sqlmodel.ext.asyncio.session import AsyncSession

from core.clock import now
from core.errors import UserMessage
from core.ids import new_id
from core.security.sealed import Sealer
from gateways.mail import MailMessage
from models.identity.accounts import RECENT_HOURS, User
from services import jobs
from services.i18n import translate
from services.identity.addresses.reserved_addresses import find_former
from services.identity.addresses.sealed_addresses import find_email


class SecurityNotice(StrEnum):
    """A change or an incident of which the owner of an account is informed."""

    PASSWORD_CHANGED = "PASSWORD_CHANGED"  # noqa: S105 - no secret
    SESSION_STOLEN = "SESSION_STOLEN"
    EMAIL_CHANGE_REQUESTED = "EMAIL_CHANGE_REQUESTED"
    PHONE_CHANGED = "PHONE_CHANGED"
    PHONE_MOVED = "PHONE_MOVED"
    TOTP_ENABLED = "TOTP_ENABLED"
    TOTP_DISABLED = "TOTP_DISABLED"
    RECOVERY_CODES_REPLACED = "RECOVERY_CODES_REPLACED"
    RECOVERY_CODE_USED = "RECOVERY_CODE_USED"
    WRONG_CODES = "WRONG_CODES"
    PASSKEY_ADDED = "PASSKEY_ADDED"
    PASSKEY_REMOVED = "PASSKEY_REMOVED"
    PASSKEY_COPIED = "PASSKEY_COPIED"
    PROVIDER_LINKED = "PROVIDER_LINKED"
    PROVIDER_UNLINKED = "PROVIDER_UNLINKED"
    RECENT_REMOVED = "RECENT_REMOVED"
    DELETION_CANCELLED = "DELETION_CANCELLED"
    ADMIN_GRANTED = "ADMIN_GRANTED"
    ADMIN_REVOKED = "ADMIN_REVOKED"


@dataclass(frozen=True)
class NoticeText:
    """The subject of a mail, and its body with the time `at`."""

    subject: UserMessage
    body: UserMessage


TEXTS: Mapping[SecurityNotice, NoticeText] = {
    SecurityNotice.PASSWORD_CHANGED: NoticeText(
        UserMessage("Your password was changed"),
        UserMessage(
            "At {at}, the password of your account on Haat was changed, and its other devices were"
            " signed out. If that was not you, choose “Forgot password” in the app at once."
        ),
    ),
    SecurityNotice.SESSION_STOLEN: NoticeText(
        UserMessage("A device was signed out of your account"),
        UserMessage(
            "At {at}, a key of one of your devices was used twice, as if it had been copied. That"
            " device was signed out of your account on Haat, so a copy is worthless. Sign in on it"
            " again. If you do not trust the device, change your password too."
        ),
    ),
    SecurityNotice.EMAIL_CHANGE_REQUESTED: NoticeText(
        UserMessage("Another email address was entered for your account"),
        UserMessage(
            "At {at}, another email address was entered for your account on Haat. It replaces this"
            " one as soon as it is confirmed. If that was not you, change your password at once:"
            " the other address can then no longer be confirmed."
        ),
    ),
    SecurityNotice.PHONE_CHANGED: NoticeText(
        UserMessage("The phone number of your account was changed"),
        UserMessage(
            "At {at}, a phone number was set for your account on Haat. Codes sent there sign in to"
            " your account. If that was not you, choose “Forgot password” in the app within {hours}"
            " hours: that removes the number."
        ),
    ),
    SecurityNotice.PHONE_MOVED: NoticeText(
        UserMessage("Your phone number was removed from your account"),
        UserMessage(
            "At {at}, another person proved to have the phone number of your account on Haat. It"
            " was removed from your account. Sign in with your email address. If the number is"
            " still yours, set it again."
        ),
    ),
    SecurityNotice.TOTP_ENABLED: NoticeText(
        UserMessage("One-time codes were turned on for your account"),
        UserMessage(
            "At {at}, an app for one-time codes was set up for your account on Haat. From now on,"
            " signing in needs a code of it too. If that was not you, choose “Forgot password” in"
            " the app within {hours} hours: that removes the first second factor of an account. If"
            " it had one before, answer this mail at once."
        ),
    ),
    SecurityNotice.TOTP_DISABLED: NoticeText(
        UserMessage("One-time codes were turned off for your account"),
        UserMessage(
            "At {at}, one-time codes were turned off for your account on Haat. If that was not you,"
            " answer this mail at once."
        ),
    ),
    SecurityNotice.RECOVERY_CODES_REPLACED: NoticeText(
        UserMessage("Your recovery codes were replaced"),
        UserMessage(
            "At {at}, new recovery codes were made for your account on Haat. The former ones are no"
            " longer valid. If that was not you, answer this mail at once."
        ),
    ),
    SecurityNotice.RECOVERY_CODE_USED: NoticeText(
        UserMessage("A recovery code was used for your account"),
        UserMessage(
            "At {at}, a recovery code was used to sign in to your account on Haat. Each code is"
            " valid once. If that was not you, answer this mail at once."
        ),
    ),
    SecurityNotice.WRONG_CODES: NoticeText(
        UserMessage("Many wrong codes were entered for your account"),
        UserMessage(
            "By {at}, many wrong one-time codes were entered for your account on Haat within a"
            " day. For now, they are accepted only together with a code by mail. If that was not"
            " you, another person knows your password: change it at once."
        ),
    ),
    SecurityNotice.PASSKEY_ADDED: NoticeText(
        UserMessage("A passkey was added to your account"),
        UserMessage(
            "At {at}, a passkey was added to your account on Haat. It signs in without the"
            " password. If that was not you, choose “Forgot password” in the app within {hours}"
            " hours: that removes the first second factor of an account. If it had one before,"
            " answer this mail at once."
        ),
    ),
    SecurityNotice.PASSKEY_REMOVED: NoticeText(
        UserMessage("A passkey was removed from your account"),
        UserMessage(
            "At {at}, a passkey was removed from your account on Haat. If that was not you, answer"
            " this mail at once."
        ),
    ),
    SecurityNotice.PASSKEY_COPIED: NoticeText(
        UserMessage("A copy of your passkey may be in use"),
        UserMessage(
            "At {at}, a passkey of your account on Haat was refused, because its counter of uses"
            " had fallen: there may be a copy of it. Sign in in another way, and remove the"
            " passkey."
        ),
    ),
    SecurityNotice.PROVIDER_LINKED: NoticeText(
        UserMessage("Another way to sign in was added to your account"),
        UserMessage(
            "At {at}, an account at Google or Facebook was linked to your account on Haat. It signs"
            " in without the password. If that was not you, choose “Forgot password” in the app"
            " within {hours} hours: that unlinks it."
        ),
    ),
    SecurityNotice.PROVIDER_UNLINKED: NoticeText(
        UserMessage("A way to sign in was removed from your account"),
        UserMessage(
            "At {at}, an account at Google or Facebook was unlinked from your account on Haat. If"
            " that was not you, answer this mail at once."
        ),
    ),
    SecurityNotice.RECENT_REMOVED: NoticeText(
        UserMessage("Recent changes of your account were undone"),
        UserMessage(
            "At {at}, the second factors, the phone number or the accounts at Google and Facebook"
            " that had been added to your account on Haat in the last {hours} hours were removed,"
            " because you have chosen a new password by mail, or taken your address back. If they"
            " were yours, set them up again."
        ),
    ),
    SecurityNotice.DELETION_CANCELLED: NoticeText(
        UserMessage("Your account will not be deleted"),
        UserMessage(
            "At {at}, the deletion of your account on Haat was cancelled, by the link of its mail"
            " or because you signed in. If that was not you, change your password."
        ),
    ),
    SecurityNotice.ADMIN_GRANTED: NoticeText(
        UserMessage("You are an admin of Haat now"),
        UserMessage(
            "At {at}, two admins made you an admin of Haat. You were signed out everywhere. Sign in"
            " again to use your new rights."
        ),
    ),
    SecurityNotice.ADMIN_REVOKED: NoticeText(
        UserMessage("You are no longer an admin of Haat"),
        UserMessage(
            "At {at}, two admins ended your rights as an admin of Haat. Your account stays."
        ),
    ),
}


async def send_notice(session: AsyncSession, user_id: UUID, notice: SecurityNotice) -> None:
    """Have the user's mail sent once the transaction commits, in the user's language."""
    await jobs.defer(
        session,
        "send_security_notice",
        user_id=user_id,
        notice=notice,
        at_time=now().isoformat(),
    )


async def compose_notice(
    session: AsyncSession, sealer: Sealer, user_id: UUID, notice: SecurityNotice, at: datetime
) -> Sequence[MailMessage]:
    """Return the mails, none if the account is gone.

    One is for each address that the account can still take back: a thief who has changed the
    address would be the only one to be informed otherwise.
    """
    user = await session.get(User, user_id)
    if user is None:
        return []
    text, locales = TEXTS[notice], [user.locale]
    values = {"at": at, "hours": RECENT_HOURS}
    body = UserMessage(text.body.template, **values)
    own = [find_email(sealer, user), *await find_former(session, sealer, user_id)]
    addresses = dict.fromkeys(address for address in own if address is not None)
    return [
        MailMessage(
            id=new_id(),
            to=address,
            subject=translate(text.subject, locales),
            body=f"{translate(body, locales)}\n",
        )
        for address in addresses
    ]
