"""Root fields of exports and deletions of accounts."""

import strawberry

from engine.address_scalars import URL
from engine.context import Info
from engine.mutation import mutation
from engine.types import field
from models import privacy as rows
from models.audit import AuditAct
from models.errors import InvalidInput
from models.identity.accounts import AccountRecentlyChanged, EmailNeeded
from models.identity.admin_invitations import LastAdmin
from models.identity.password_resets import LinkEnded
from models.privacy import OrdersOpen, WalletNotEmpty, export_key
from models.quotas import DailyLimitReached
from models.vendors import LastOwner
from schema.identity.inputs import LinkToken
from schema.privacy.types import (
    AccountDeletion,
    AccountDeletionQuote,
    Confirm,
    DataDownload,
    DataExport,
)
from services.privacy import deletions, exports
from services.privacy.deletion_quotes import quote_deletion

NOT_CONFIRMED = "Set it to true to confirm that the account is to be deleted."


@strawberry.type
class PrivacyQuery:
    @field("The viewer's newest export of their data, for a week. Null if there is none.")
    async def data_export(self, info: Info) -> DataExport | None:
        user_id = info.context.viewer.require_user()
        async with info.context.read_session() as session:
            return DataExport.wrap_optional(await exports.find_export(session, user_id))

    @field("The deletion of the viewer's account. Null if it stays.")
    async def account_deletion(self, info: Info) -> AccountDeletion | None:
        user_id = info.context.viewer.require_user()
        async with info.context.read_session() as session:
            return AccountDeletion.wrap_optional(await deletions.find_deletion(session, user_id))

    @field(
        "The reasons against the deletion of the viewer's account, and counts of what ends"
        " with it. Show it before `deleteMyAccount`.",
        cost=20,
    )
    async def account_deletion_quote(self, info: Info) -> AccountDeletionQuote:
        async with info.context.read_session() as session:
            quote = await quote_deletion(session, info.context.viewer)
        return AccountDeletionQuote.of(quote, info.context.locales)


@strawberry.type
class PrivacyMutation:
    @mutation(
        personal=True,
        fresh=True,
        audit=AuditAct.EXPORT_DATA,
        raises=(DailyLimitReached, EmailNeeded, AccountRecentlyChanged),
        export=DataExport,
        repeatable="returns an export that was not downloaded",
    )
    async def export_my_data(self, info: Info) -> rows.DataExport:
        """Ask for a copy of the viewer's data: a ZIP file with their rows as JSON and their files.
        A mail has the link, which is valid for 72 hours, once. One export a day. Not possible for
        48 hours after a change of the password, the email address or the phone number.
        """
        async with info.context.transaction() as session:
            return await exports.request_export(session, info.context.viewer)

    @mutation(
        personal=True,
        audit=AuditAct.DOWNLOAD_DATA,
        raises=(LinkEnded,),
        download=DataDownload,
        repeatable="a link is used once",
    )
    async def download_my_data(self, info: Info, token: LinkToken) -> DataDownload:
        """Exchange the link of an export's mail for the URL of the file. The viewer must be the
        user who asked for it.
        """
        context = info.context
        async with context.transaction() as session:
            export = await exports.download_export(session, context.viewer, token)
        link = await context.app.objects.create_download_link(
            export_key(export.id), exports.DOWNLOAD
        )
        return DataDownload(url=URL(link))

    @mutation(
        personal=True,
        fresh=True,
        changes_admins=True,
        audit=AuditAct.DELETE_ACCOUNT,
        raises=(InvalidInput, LastAdmin, LastOwner, OrdersOpen, WalletNotEmpty),
        deletion=AccountDeletion,
        repeatable="returns the deletion that waits",
    )
    async def delete_my_account(self, info: Info, confirm: Confirm) -> rows.AccountDeletion:
        """Have the viewer's account erased in 14 days. A mail has a link that cancels it, and so
        does signing in. What was redeemed or used stays, without the name. Bookings, tickets and
        vouchers that are left then are cancelled.
        """
        if not confirm:
            raise InvalidInput(NOT_CONFIRMED, field=["confirm"])
        async with info.context.transaction() as session:
            return await deletions.request_deletion(session, info.context.viewer)

    @mutation(
        personal=True,
        audit=AuditAct.CANCEL_DELETION,
        raises=(LinkEnded,),
        repeatable="a link is used once",
    )
    async def cancel_account_deletion(self, info: Info, token: LinkToken) -> None:
        """Keep the account, by the link of the mail about its deletion. No session is needed."""
        async with info.context.transaction() as session:
            await deletions.cancel_by_token(session, token)
