"""People and their sessions."""

from datetime import datetime
from typing import TYPE_CHECKING, Annotated, Self
from uuid import UUID

import strawberry
from strawberry import relay

from core.keyset import Window
from dataloaders.vendors import vendors_of_user
from engine.address_scalars import EmailAddress
from engine.arguments import After, Before, First, Last
from engine.connections import Connection
from engine.context import Info
from engine.errors import Payload
from engine.permissions import account
from engine.types import Rows, column, field, related
from models.identity import accounts as rows
from schema.chat.user_fields import ChatUserFields
from schema.identity.enums import Role
from schema.notifications.user_fields import NotificationUserFields
from schema.redemptions.enums import VoucherState
from services.identity.accounts import Tokens
from services.identity.api_tokens import list_api_tokens
from services.redemptions import list_vouchers

if TYPE_CHECKING:
    from schema.identity.api_tokens import ApiToken
    from schema.redemptions.types import Voucher
    from schema.vendors.types import Vendor


@strawberry.type(description="A person: of others one sees the name, of oneself all.")
class User(ChatUserFields, NotificationUserFields, Rows[rows.User], relay.Node):
    """Seen by those who are in a conversation with them, and by colleagues."""

    id: relay.NodeID[UUID]
    name: str = column("What the person wants to be called.")
    email: EmailAddress | None = account(column("The address the person signs in with."))
    role: Role | None = account(column("What the person is on the platform as a whole."))
    created_at: datetime | None = account(column("When the account was made."))
    vendors: list[Annotated["Vendor", strawberry.lazy("schema.vendors.types")]] | None = account(
        related(vendors_of_user, by="id", description="The vendors this person works at, by name.")
    )

    @account
    @field("The person's vouchers, the latest first.")
    async def vouchers(
        root: strawberry.Parent[rows.User],
        info: Info,
        state: Annotated[
            VoucherState | None,
            strawberry.argument(description="In this state; absent: in any."),
        ] = None,
        first: First = None,
        after: After = None,
        last: Last = None,
        before: Before = None,
    ) -> Connection[Annotated["Voucher", strawberry.lazy("schema.redemptions.types")]] | None:
        listed = list_vouchers(root.id, state)
        return await Connection.fetch(info, *listed, Window(first, after, last, before))

    @account
    @field("The person's tokens for programs, the latest first; a program sees none.")
    async def api_tokens(
        root: strawberry.Parent[rows.User],
        info: Info,
        first: First = None,
        after: After = None,
        last: Last = None,
        before: Before = None,
    ) -> Connection[Annotated["ApiToken", strawberry.lazy("schema.identity.api_tokens")]] | None:
        listed = list_api_tokens(info.context.viewer, root.id)
        return await Connection.fetch(info, *listed, Window(first, after, last, before))


@strawberry.type(description="What a client keeps to stay signed in.")
class Session:
    """Two tokens."""

    access_token: str = column("Send it as `Authorization: Bearer …`. It holds 15 minutes.")
    refresh_token: str = column("Good for one `refreshSession`, within 7 days. Keep it secret.")
    expires_at: datetime = column("When the access token ends.")

    @classmethod
    def of(cls, tokens: Tokens) -> Self:
        return cls(
            access_token=tokens.access_token,
            refresh_token=tokens.refresh_token,
            expires_at=tokens.expires_at,
        )


@strawberry.input(description="A new account.")
class RegisterInput:
    """What `register` takes."""

    email: str = column("The address to sign in with; at most 254 characters.")
    password: str = column("Between 8 and 128 characters.")
    name: str = column("What to call the person; at most 80 characters.")


@strawberry.input(description="An account's address and password.")
class LogInInput:
    """What `logIn` takes."""

    email: str = column("The account's address.")
    password: str = column("The account's password.")


@strawberry.input(description="The refresh token to trade in.")
class RefreshSessionInput:
    """What `refreshSession` takes."""

    refresh_token: str = column("The latest refresh token of the session.")


@strawberry.input(description="Which session to end.")
class LogOutInput:
    """What `logOut` takes."""

    refresh_token: str | None = strawberry.field(
        default=None, description="A refresh token of the session; absent: the caller's own."
    )


@strawberry.type(description="A new account, signed in.")
class RegisterPayload(Payload):
    """What `register` answers."""

    session: Session | None = strawberry.field(default=None, description="The new session.")
    viewer: User | None = strawberry.field(default=None, description="The new account.")


@strawberry.type(description="A new session.")
class LogInPayload(Payload):
    """What `logIn` answers."""

    session: Session | None = strawberry.field(default=None, description="The new session.")
    viewer: User | None = strawberry.field(default=None, description="Who is signed in now.")


@strawberry.type(description="New tokens of the same session.")
class RefreshSessionPayload(Payload):
    """What `refreshSession` answers."""

    session: Session | None = strawberry.field(default=None, description="The new tokens.")


@strawberry.type(description="The session has ended, on every device that shared it.")
class LogOutPayload(Payload):
    """What `logOut` answers."""
