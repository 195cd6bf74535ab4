"""Users for admins: found, suspended, and made admins."""

from typing import Annotated, Any

import strawberry

from core.keyset import Listing
from engine.arguments import SEARCH_COST, Search
from engine.connections import Connection, connection
from engine.context import Info
from engine.mutation import mutation
from models.admins.changes import AdminAct, InvalidRole
from models.admins.changes import AdminChange as ChangeRow
from models.admins.impersonations import Impersonating, UserIsAdmin
from models.admins.impersonations import Impersonation as ImpersonationRow
from models.admins.suspensions import InvalidUserState, OwnAccount, UserSuspensionDraft
from models.audit import AuditAct
from models.errors import InvalidInput, NotFound
from models.identity.accounts import User as UserRow
from models.validation import parse
from models.vendors import LastOwner
from schema.admins.inputs import (
    ChangeState,
    ImpersonateUserPayload,
    ImpersonationId,
    ImpersonationReason,
    Minutes,
    SuspendedUntil,
    SuspensionReason,
    UserId,
    UserWhere,
    user_filter,
)
from schema.admins.types import AdminChange, Impersonation
from schema.identity.types import User
from services.admins import changes, impersonations, queries, suspensions

Where = Annotated[
    UserWhere | None, strawberry.argument(description="Returns all users if omitted.")
]
CHANGE_ERRORS = (NotFound, OwnAccount, InvalidRole, InvalidUserState)


@strawberry.type
class AdminQuery:
    @connection(
        Connection[User],
        "All users, newest first. With `search`, those with such a name, by relevance. Visible to"
        " admins. The audit log records that the list was read.",
        argument_costs={"search": SEARCH_COST},
    )
    def users(self, info: Info, where: Where = None, search: Search = None) -> Listing[Any]:
        context = info.context
        found = queries.list_users(context.viewer, context.app.sealer, user_filter(where, search))
        context.app.audit.done(context.viewer, AuditAct.READ_USERS)
        return found

    @connection(
        Connection[Impersonation],
        "Uses of users' accounts by admins, newest first. Visible to admins.",
    )
    def impersonations(self, info: Info) -> Listing[Any]:
        return impersonations.list_impersonations(info.context.viewer)

    @connection(
        Connection[AdminChange],
        "Changes of who is an admin, newest first. Visible to admins.",
    )
    def admin_changes(self, info: Info, state: ChangeState = None) -> Listing[Any]:
        return changes.list_admin_changes(info.context.viewer, state=state)


@strawberry.type
class AdminMutation:
    @mutation(
        user=User,
        personal=True,
        audit=AuditAct.SUSPEND_USER,
        raises=(InvalidInput, NotFound, OwnAccount, InvalidUserState, LastOwner),
        repeatable="refuses a suspended user",
    )
    async def suspend_user(
        self, info: Info, user_id: UserId, reason: SuspensionReason, until: SuspendedUntil = None
    ) -> UserRow:
        """Suspend a user. Their sessions, connections and API tokens end within seconds, and they
        cannot sign in. Their memberships give no rights, and their vouchers are refused. They get a
        mail with the reason. Refused for the only owner of a vendor that is APPROVED: suspend the
        vendor first. Only admins can do this, and not to themselves.
        """
        given = parse(UserSuspensionDraft, reason=reason, until=until)
        async with info.context.transaction() as session:
            return await suspensions.suspend_user(
                session, info.context.viewer, user_id=user_id, given=given
            )

    @mutation(
        user=User,
        personal=True,
        audit=AuditAct.RESTORE_USER,
        raises=(NotFound, OwnAccount, InvalidUserState),
        repeatable="refuses a user who is not suspended",
    )
    async def restore_user(self, info: Info, user_id: UserId) -> UserRow:
        """End the suspension of a user, who can sign in again. Their former sessions and API tokens
        stay ended. Vouchers that have not expired are valid again. Only admins can do this.
        """
        async with info.context.transaction() as session:
            return await suspensions.restore_user(session, info.context.viewer, user_id=user_id)

    @mutation(
        change=AdminChange,
        personal=True,
        fresh=True,
        changes_admins=True,
        audit=AuditAct.GRANT_ADMIN,
        raises=CHANGE_ERRORS,
        repeatable="returns the open request",
    )
    async def grant_admin(self, info: Info, user_id: UserId) -> ChangeRow:
        """Ask to make a user an admin. The same call by another admin within 24 hours confirms it:
        the sessions of the user end, and the next one has the rights. If `revokeAdmin` was asked
        for, it is withdrawn instead. Only admins can do this.
        """
        async with info.context.transaction() as session:
            return await changes.change_admin(
                session, info.context.viewer, user_id=user_id, act=AdminAct.GRANT
            )

    @mutation(
        change=AdminChange,
        personal=True,
        fresh=True,
        changes_admins=True,
        audit=AuditAct.REVOKE_ADMIN,
        raises=CHANGE_ERRORS,
        repeatable="returns the open request",
    )
    async def revoke_admin(self, info: Info, user_id: UserId) -> ChangeRow:
        """Ask to take the rights of an admin away. The same call by another admin within 24 hours
        confirms it. The account stays. If `grantAdmin` was asked for, it is withdrawn instead. Only
        admins can do this, and not to themselves.
        """
        async with info.context.transaction() as session:
            return await changes.change_admin(
                session, info.context.viewer, user_id=user_id, act=AdminAct.REVOKE
            )

    @mutation(
        personal=True,
        fresh=True,
        changes_admins=True,
        audit=AuditAct.IMPERSONATE_USER,
        raises=(InvalidInput, NotFound, OwnAccount, UserIsAdmin, InvalidUserState),
        repeatable="replaces the admin's former impersonation",
    )
    async def impersonate_user(
        self, info: Info, user_id: UserId, reason: ImpersonationReason, minutes: Minutes
    ) -> ImpersonateUserPayload:
        """Use the account of a user to help them, for some minutes. The token reads what the user
        sees, but for codes of vouchers and the devices; of the mutations it permits only those that
        concern no money, credentials, privacy or chats. Each response names the admin in
        `extensions.impersonation`, the audit log names both, and the user gets a mail at the end.
        Only admins can do this, and not with the account of an admin.
        """
        context, given = info.context, parse(Impersonating, reason=reason, minutes=minutes)
        async with context.transaction() as session:
            made = await impersonations.impersonate_user(
                session, context.viewer, context.app.keys, user_id=user_id, given=given
            )
        return ImpersonateUserPayload(
            impersonation=Impersonation.wrap(made.impersonation), access_token=made.access_token
        )

    @mutation(
        impersonation=Impersonation,
        personal=True,
        while_impersonating=True,
        audit=AuditAct.END_IMPERSONATION,
        raises=(NotFound,),
        repeatable="sets a state",
    )
    async def end_impersonation(
        self, info: Info, impersonation_id: ImpersonationId = None
    ) -> ImpersonationRow:
        """End the use of a user's account before its time is over. Its token and its connections
        end within seconds. Only the admins can do this, with their own token or that of the
        account.
        """
        async with info.context.transaction() as session:
            return await impersonations.end_impersonation(
                session, info.context.viewer, impersonation_id=impersonation_id
            )
