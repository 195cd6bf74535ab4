"""Profiles of users, changed by themselves."""

from sqlmodel import select
from sqlmodel.ext.asyncio.session import AsyncSession

from core.database import for_change
from core.text.search_text import searchable
from models.audit import AuditAct
from models.identity.accounts import User
from models.identity.profiles import ProfilePatch
from services.audit import entries as audit
from services.pictures.avatars import set_avatar
from services.viewer import Viewer

AVATAR = "avatar_upload_id"


async def update_profile(session: AsyncSession, viewer: Viewer, patch: ProfilePatch) -> User:
    """Change the values set in the patch, and replace the picture.

    Raises `NotFound` and `InvalidInput` for an upload as `set_avatar`.
    """
    rows = select(User).where(User.id == viewer.require_user())
    user = (await session.exec(for_change(rows))).one()
    values = patch.model_dump(exclude_unset=True)
    if AVATAR in values:
        await set_avatar(session, user.id, values.pop(AVATAR))
    for column, value in values.items():
        setattr(user, column, value)
    if "name" in values:
        user.needs_name, user.search_text = False, searchable(user.name)
    audit.append(session, viewer, AuditAct.UPDATE_PROFILE, subject_id=user.id)
    return user
