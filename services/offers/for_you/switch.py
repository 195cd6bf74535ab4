"""The switch of a user for personal offers."""

from sqlmodel import select
from sqlmodel.ext.asyncio.session import AsyncSession

from core.database import for_change
from models.identity.accounts import User
from services.viewer import Viewer


async def update_personal_offers(session: AsyncSession, viewer: Viewer, *, enabled: bool) -> User:
    """Turn the ranking of offers by the viewer's history on or off.

    After the commit, the caller deletes the lists that are kept (`KeptLists.forget`).
    """
    rows = select(User).where(User.id == viewer.require_user())
    user = (await session.exec(for_change(rows))).one()
    user.personal_offers = enabled
    return user
