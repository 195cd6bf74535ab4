"""Notifications about pets. They name the pet and the vaccination, which their reader named."""

from sqlmodel.ext.asyncio.session import AsyncSession

from core.errors import UserMessage
from models.identity.accounts import User
from models.notifications.deliveries import SkipReason
from models.notifications.inbox import Notification, NotificationKind
from models.pets.pets import Pet
from models.pets.vaccinations import Vaccination
from services.i18n import translate
from services.notifications.kinds import DeclaredKind, NotificationText, quoted


async def _due(session: AsyncSession, notification: Notification, user: User) -> NotificationText:
    vaccination = await session.get_one(Vaccination, notification.subject_id)
    pet = await session.get_one(Pet, vaccination.pet_id)
    body = UserMessage(
        "A vaccination of {pet} is due on {day}: {vaccination}.",
        pet=quoted(pet.name, otherwise=translate(UserMessage("your pet"), [user.locale])),
        day=vaccination.due_on,
        vaccination=quoted(
            vaccination.name, otherwise=translate(UserMessage("a vaccination"), [user.locale])
        ),
    )
    return NotificationText.of(UserMessage("A vaccination is due soon"), body, [user.locale])


async def _find_skip_reason(session: AsyncSession, notification: Notification) -> SkipReason | None:
    """Skip a delivery if the vaccination was removed, or is due on another day."""
    vaccination = await session.get(Vaccination, notification.subject_id)
    if vaccination is None or vaccination.due_on is None:
        return SkipReason.NO_PART
    return None if vaccination.due_on == vaccination.reminded_for else SkipReason.SUPERSEDED


KINDS = [
    DeclaredKind(
        NotificationKind.VACCINATION_DUE,
        "A vaccination of a pet of the user is due in the next two weeks.",
        subject="Vaccination",
        compose=_due,
        find_skip_reason=_find_skip_reason,
    ),
]
