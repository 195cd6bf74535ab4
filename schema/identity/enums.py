"""Enums of the domain `identity` in the GraphQL schema."""

from core.security.password_strength import PasswordWeakness
from engine.enums import deprecate, publish
from models.identity.accounts import Role, UserState
from models.identity.factors import SignInMethod
from models.identity.links import AuthLinkPurpose
from models.identity.passkeys import PasskeyPurpose
from models.identity.providers import ProviderPurpose, SignInProvider
from models.scopes import ApiScope

__all__ = [
    "ApiScope",
    "AuthLinkPurpose",
    "PasskeyPurpose",
    "PasswordWeakness",
    "ProviderPurpose",
    "Role",
    "SignInMethod",
    "SignInProvider",
    "UserState",
]

SCOPES_OF_DOMAINS = "2027-11-30: request the scopes of the domains that the program needs"

publish(
    ApiScope,
    "A permission of an API token: to read or to write a domain.",
    READ="All scopes that end in READ, except IDENTITY_READ and those of later domains.",
    WRITE="All scopes that end in WRITE, except those of later domains.",
    BOOKINGS_READ="Services, staff, times and bookings.",
    BOOKINGS_WRITE="Changing services and schedules, and booking, moving and cancelling.",
    CATALOG_READ="Products and their variants.",
    CATALOG_WRITE="Creating, changing, publishing and viewing products.",
    CATEGORIES_READ="Categories.",
    CHAT_READ="Conversations, messages and presence.",
    CHAT_WRITE="Sending messages, and changing conversations.",
    EVENTS_READ="Events, venues, ticket types and holds.",
    EVENTS_WRITE="Changing events, venues and ticket types, and holding tickets.",
    IDENTITY_READ="The account: its email address, role and settings.",
    MEMBERS_READ="Members of vendors, and invitations.",
    NOTIFICATIONS_READ="Notifications, preferences and devices.",
    NOTIFICATIONS_WRITE="Marking notifications as read.",
    OFFERS_READ="Offers.",
    OFFERS_WRITE="Creating, changing, liking and claiming offers.",
    ORDERS_READ="Orders, their parts, lines and returns.",
    ORDERS_WRITE="Accepting, cancelling, delivering and refunding a vendor's parts of orders.",
    PAYMENTS_READ="Payments of orders, and refunds.",
    PETS_READ="Pets and their records.",
    PETS_WRITE="Saving, archiving and sharing pets, and writing notes about them.",
    PROMOS_READ="Promo codes and their statistics.",
    PROMOS_WRITE="Creating, changing and ending promo codes.",
    REDEMPTIONS_READ="Vouchers and redemptions.",
    REDEMPTIONS_WRITE="Redeeming and cancelling vouchers.",
    SHIPMENTS_READ="Shipments of orders, and where they are.",
    SHIPMENTS_WRITE="Shipping orders, and reporting where shipments are.",
    SHIPPING_READ="Delivery zones, rates and quotes.",
    SHIPPING_WRITE="Changing delivery zones and rates.",
    STOCK_READ="Stock, its movements, and alerts.",
    STOCK_WRITE="Receiving, counting and writing off stock, and alerts.",
    UPLOADS_READ="Uploaded files.",
    UPLOADS_WRITE="Uploading files.",
    VENDORS_READ="Vendors.",
    VENDORS_WRITE="Changing vendors, and following them.",
)
deprecate(ApiScope, READ=SCOPES_OF_DOMAINS, WRITE=SCOPES_OF_DOMAINS)

publish(
    Role,
    "The role of a user on the whole platform.",
    USER="A user without special rights.",
    ADMIN="Approves vendors, moderates, and can see the whole platform.",
)

publish(
    UserState,
    "The state of an account.",
    ACTIVE="The user can sign in.",
    SUSPENDED="An admin has suspended the account: its user cannot sign in.",
)

publish(
    PasswordWeakness,
    "Why a password is easy to guess.",
    COMMON="It is one of the commonest passwords.",
    PERSONAL="It repeats the name or the email address.",
    GUESSABLE="It consists of words, names, dates or rows of keys that few guesses find.",
)

publish(
    AuthLinkPurpose,
    "The purpose of a link.",
    VERIFY_EMAIL="`verifyEmail`: creating the account of a registration.",
    RESET_PASSWORD="`resetPassword`: a new password.",  # noqa: S106 - no secret
    CHANGE_EMAIL="`verifyEmail`: the new address of an account.",
    UNDO_CHANGE="`undoChange`: the old address of an account.",
    ACCEPT_ADMIN="`acceptAdminInvitation`: becoming an admin.",
    ACCEPT_INVITATION="`acceptInvitation`: becoming a member of a vendor.",
    DOWNLOAD_DATA="`downloadMyData`: the export of an account.",
    CANCEL_DELETION="`cancelAccountDeletion`: keeping an account.",
)

publish(
    SignInMethod,
    "A way of proving who the caller is.",
    PASSWORD="The password.",  # noqa: S106 - no secret
    PROVIDER="An account at a provider, such as Google: `startProvider`.",
    TOTP="A code of the user's app for one-time codes.",
    PASSKEY="A passkey.",
    RECOVERY_CODE="A recovery code. It does not count as a recent proof.",
)

publish(
    PasskeyPurpose,
    "The purpose of a challenge for a passkey.",
    REGISTER_PASSKEY="`registerPasskey`: adding a passkey.",
    LOG_IN="`logInWithPasskey`: signing in. The passkey names its user.",
    STEP_UP="`reauthenticate`: proving that the viewer is present.",
)

publish(
    SignInProvider,
    "A provider with whose accounts users sign in.",
    GOOGLE="Google.",
    FACEBOOK="Facebook.",
)

publish(
    ProviderPurpose,
    "The purpose of a redirect to a provider.",
    LOG_IN="`logInWithProvider`: signing in, or creating an account.",
    LINK="`linkProvider`: adding a way to sign in to the viewer's account.",
    STEP_UP="`reauthenticate`: proving that the viewer is present.",
)
