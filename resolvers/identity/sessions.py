"""Sessions of the viewer: the devices on which they are signed in."""

from typing import Annotated

import strawberry

from engine.context import Info
from engine.mutation import mutation
from models.audit import AuditAct
from models.errors import NotFound
from schema.identity.inputs import RevokeApiTokens, SessionId
from services.identity.sessions import session_list


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
