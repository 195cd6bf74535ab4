"""Sessions of the viewer: the devices on which they are signed in."""

from typing import Annotated

import strawberry

from engine.context import Info
from engine.mutation import mutation
from models.audit import AuditAct
from models.errors import InvalidInput, NotFound
from models.identity.accounts import SessionEnded
from models.identity.accounts import User as UserRow
from models.identity.browser import NoBrowserSession
from schema.identity.inputs import ActingAdmin, ActingVendorId, RevokeApiTokens, SessionId
from schema.identity.types import User
from services.identity.sessions import browser_sessions, session_list
from services.identity.sessions.browser_lookups import BrowserSession


@strawberry.type
class SessionMutation:
    @mutation(
        personal=True,
        audit=AuditAct.REVOKE_SESSION,
        raises=(NotFound,),
        repeatable="sets a state",
    )
    async def revoke_session(self, info: Info, session_id: SessionId) -> None:
        """End one of the viewer's sessions, such as that of a lost device. Its connections are
        closed within seconds.
        """
        async with info.context.transaction() as session:
            await session_list.revoke_session(session, info.context.viewer, session_id=session_id)

    @mutation(
        personal=True,
        audit=AuditAct.SWITCH_ROLE,
        raises=(InvalidInput, NotFound, NoBrowserSession, SessionEnded),
        viewer=User,
        repeatable="sets a state",
    )
    async def switch_role(
        self, info: Info, vendor_id: ActingVendorId = None, admin: ActingAdmin = False
    ) -> UserRow:
        """Act for a vendor or as an admin for two hours, or with neither as a customer, in browser
        mode. The memberships of other vendors do not count meanwhile. The cookie changes, and the
        user's connections are closed, so that they connect again. An impersonation that an admin
        has begun in this session ends unless they stay an admin.
        """
        context = info.context
        if vendor_id is not None and admin:
            raise InvalidInput("Choose a vendor or the role of an admin, not both.")
        if context.browser is None or context.browser.cookie is None:
            context.viewer.require_user()
            raise NoBrowserSession
        context.browser.ensure_can_change()
        async with context.transaction() as session:
            switched, cookie = await browser_sessions.switch_role(
                session, context.viewer, vendor_id=vendor_id, admin=admin
            )
            user = await session.get_one(UserRow, switched.user_id)
        await context.keep_cookie(cookie)
        context.act_as(BrowserSession.of(switched).viewer())
        return user

    @mutation(
        personal=True,
        audit=AuditAct.REVOKE_SESSION,
        ended=Annotated[int, "The number of sessions that ended. Null on error."],
        repeatable="sets a state",
    )
    async def revoke_other_sessions(
        self, info: Info, revoke_api_tokens: RevokeApiTokens = False
    ) -> int:
        """End all sessions of the viewer but the one of the request. Their connections are closed
        within seconds.
        """
        async with info.context.transaction() as session:
            return await session_list.revoke_other_sessions(
                session, info.context.viewer, revokes_api_tokens=revoke_api_tokens
            )
