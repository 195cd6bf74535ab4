"""Users and their sessions."""

from datetime import UTC, datetime
from typing import Annotated, Any, Self
from uuid import UUID

import strawberry
from strawberry import relay

from core.keyset import Listing
from dataloaders.admins import suspension_of_user
from dataloaders.identity import factors_of_user, providers_of_user, visible_user
from dataloaders.pictures import avatar_of_user
from dataloaders.vendors import vendors_of_user, visible_vendor
from engine.address_scalars import EmailAddress
from engine.connections import Connection, connection
from engine.context import Info
from engine.domains import UNSCOPED
from engine.permissions import (
    visible_to_admins,
    visible_to_self,
    visible_to_self_and_admins,
    visible_to_signed_in,
)
from engine.scalars import TimeZone
from engine.types import Rows, column, field, related
from models.identity import accounts as rows
from models.identity.passkeys import MAX_PASSKEYS
from schema.bookings.calendar_user_fields import CalendarUserFields
from schema.chat.user_fields import ChatUserFields
from schema.identity.api_tokens import ApiToken
from schema.identity.enums import (
    AuthLinkPurpose,
    Role,
    SignInMethod,
    SignInProvider,
    UserState,
)
from schema.identity.passkeys import Passkey
from schema.identity.providers import ProviderIdentity
from schema.identity.sessions import UserSession
from schema.lazy import LazyUserSuspension, LazyVendor, LazyVoucher
from schema.notifications.user_fields import NotificationUserFields
from schema.pictures.types import Picture
from schema.redemptions.enums import VoucherState
from services.identity.sessions.session_list import list_sessions
from services.identity.sessions.sessions import Tokens
from services.identity.tokens.api_tokens import list_api_tokens
from services.redemptions.redemptions import list_vouchers

VouchersInState = Annotated[
    VoucherState | None,
    strawberry.argument(description="Returns vouchers in this state. If omitted, in any state."),
]


@strawberry.type(description="The second factors of a user. Visible to the user.")
class Factors:
    totp_enabled_at: datetime | None = column(
        "The time at which one-time codes were turned on. Null if they are off."
    )
    recovery_codes_left: int = column("The number of unused recovery codes.")
    passkeys: list[Passkey] = strawberry.field(
        description="The user's passkeys, the oldest first.", metadata={"size": MAX_PASSKEYS}
    )


@strawberry.type(description="The role in which a user acts in browser mode. Visible to the user.")
class ActiveRole:
    vendor_id: strawberry.Private[UUID | None]
    admin: bool = column("Whether the user acts as an admin.")
    until: datetime = column("The time at which the user becomes a customer again.")
    vendor: LazyVendor | None = related(
        visible_vendor, by="vendor_id", description="The vendor that the user acts for."
    )


@strawberry.type(
    description="A user. Visible to the user, to users who share a conversation or a vendor with"
    " them, and to admins. The name and the picture are all that other users see."
)
class User(
    CalendarUserFields,
    ChatUserFields,
    NotificationUserFields,
    Rows[rows.User],
    relay.Node,
    access=visible_user,
):
    id: relay.NodeID[UUID]
    name: str = column("The display name.", domain=UNSCOPED)
    needs_name: bool | None = visible_to_self_and_admins(
        column(
            "Whether the user has not given a name yet, after a code by phone created the account:"
            " ask for it, and call `updateProfile`. Visible to the user and admins."
        )
    )
    avatar: Picture | None = related(
        avatar_of_user,
        by="id",
        description="The picture of the user. Null without one. Its `alt` is empty: show it beside"
        " the name.",
        domain=UNSCOPED,
    )

    @visible_to_self_and_admins
    @field(
        "The email address for signing in. Null if a code by phone created the account, and the"
        " user has not added one. Visible to the user and admins.",
        needs=("id", "email"),
    )
    def email(root: strawberry.Parent[rows.User], info: Info) -> EmailAddress | None:
        if root.email is None:
            return None
        email = info.context.app.sealer.open(rows.EMAIL_COLUMN, root.id, root.email)
        return EmailAddress(email.decode())

    role: Role | None = visible_to_self_and_admins(
        column("The role on the platform. Visible to the user and admins.")
    )
    state: UserState | None = visible_to_self_and_admins(
        column("The state of the account. Visible to the user and admins.")
    )
    account_suspension: LazyUserSuspension | None = visible_to_admins(
        related(
            suspension_of_user,
            by="id",
            description="The current suspension. Null if the user is not suspended. Visible to"
            " admins.",
        )
    )
    preferred_locale: str | None = visible_to_self_and_admins(
        column(
            "The language of what is sent to the user, such as en or pt-BR. Visible to the user"
            " and admins.",
            of="locale",
        )
    )
    preferred_time_zone: TimeZone | None = visible_to_self_and_admins(
        column(
            "The time zone, if the user has chosen one. Visible to the user and admins.",
            of="time_zone",
        )
    )
    personal_offers: bool | None = visible_to_self(
        column(
            "Whether offers in the order FOR_YOU are ranked by what the user likes and has used."
            " Visible to the user."
        )
    )
    created_at: datetime | None = visible_to_self_and_admins(
        column("The time at which the account was created. Visible to the user and admins.")
    )
    vendors: list[LazyVendor] | None = visible_to_self_and_admins(
        related(
            vendors_of_user,
            by="id",
            description="The vendors where the user is a member, by name. Visible to the user and"
            " admins.",
            domain="vendors",
        )
    )

    factors: Factors | None = visible_to_self(
        related(
            factors_of_user,
            by="id",
            description="The user's second factors. Visible to the user, not to API tokens.",
        )
    )

    provider_identities: list[ProviderIdentity] | None = visible_to_self(
        related(
            providers_of_user,
            by="id",
            description="The accounts at providers with which the user signs in, the oldest first."
            " Visible to the user, not to API tokens.",
            size=len(SignInProvider),
        )
    )

    @visible_to_signed_in
    @field(
        "The token that mutations send as `Haat-CSRF` in browser mode. It changes when the user"
        " signs in, proves to be present, or switches roles. Visible to the user; null without"
        " browser mode.",
        needs=(),
    )
    def csrf_token(root: strawberry.Parent[rows.User], info: Info) -> str | None:
        browser = info.context.browser
        return browser.csrf_token if browser else None

    @visible_to_signed_in
    @field(
        "The role of the session in browser mode. Visible to the user; null as a customer, and"
        " without browser mode.",
        needs=(),
    )
    def active_role(root: strawberry.Parent[rows.User], info: Info) -> ActiveRole | None:
        acting, admin = info.context.viewer.acting, info.context.viewer.admin
        if acting is None or acting.until is None:
            return None
        until = datetime.fromtimestamp(acting.until, UTC)
        return ActiveRole(vendor_id=acting.vendor_id, admin=admin, until=until)

    @visible_to_self_and_admins
    @connection(
        Connection[LazyVoucher] | None,
        "The user's vouchers, newest first. Visible to the user and admins.",
        needs=("id",),
        domain="redemptions",
    )
    def vouchers(root: strawberry.Parent[rows.User], state: VouchersInState = None) -> Listing[Any]:
        return list_vouchers(root.id, state)

    @visible_to_self_and_admins
    @connection(
        Connection[ApiToken] | None,
        "The user's API tokens, newest first. Visible to the user and admins, not to API tokens.",
        needs=("id",),
    )
    def api_tokens(root: strawberry.Parent[rows.User], info: Info) -> Listing[Any]:
        return list_api_tokens(info.context.viewer, root.id)

    @visible_to_self
    @connection(
        Connection[UserSession] | None,
        "The devices on which the user is signed in, the newest sign-in first. Visible to the user,"
        " not to API tokens.",
        needs=("id",),
    )
    def sessions(root: strawberry.Parent[rows.User], info: Info) -> Listing[Any]:
        return list_sessions(info.context.viewer, root.id)


@strawberry.type(description="The tokens of a session.")
class Session:
    access_token: str = column("Send it as `Authorization: Bearer …`. It expires in 15 minutes.")
    refresh_token: str = column(
        "A secret for `refreshSession`, which replaces it. It expires in 7 days, and no later than"
        " 90 days after the user signed in."
    )
    expires_at: datetime = column(
        "The time at which the access token expires. Use `expiresIn` if the device's clock may be"
        " wrong."
    )
    expires_in: int = column("The seconds until the access token expires, from this response.")
    must_enrol: bool = column(
        "Whether the user must set up a second factor first: until then, all else is FORBIDDEN."
        " After that, refresh the session."
    )

    @classmethod
    def from_tokens(cls, tokens: Tokens) -> Self:
        return cls(
            access_token=tokens.access_token,
            refresh_token=tokens.refresh_token,
            expires_at=tokens.expires_at,
            expires_in=tokens.expires_in,
            must_enrol=tokens.must_enrol,
        )


@strawberry.type(description="The second step of a sign-in, after the right first proof.")
class SecondFactor:
    challenge_id: str = column("A secret for `confirmSecondFactor`. It expires in ten minutes.")
    methods: list[SignInMethod] = strawberry.field(
        description="The methods of which one is needed.", metadata={"size": len(SignInMethod)}
    )
    passkey_options: str | None = column(
        "JSON for `PublicKeyCredential.parseRequestOptionsFromJSON`. Null without a passkey."
    )


@strawberry.type(
    description="A link of a mail, or of `haat admin create`, that is still valid. Visible to"
    " callers who have the link."
)
class AuthLink:
    purpose: AuthLinkPurpose = column("The purpose of the link.")
    email: EmailAddress = column("The email address of the account.")
    account_exists: bool = column("Whether the address has an account.")
    expires_at: datetime = column("The time at which the link expires.")
