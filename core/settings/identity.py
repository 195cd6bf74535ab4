"""Settings of accounts, their sessions and keys."""

from pydantic import Field
from pydantic_settings import BaseSettings

from core.settings.values import (
    HOME,
    Domain,
    FilePath,
    FileSecret,
    Key,
    PasskeyOrigins,
    RedirectUrls,
    RequiredWebUrl,
)


class IdentitySettings(BaseSettings):
    """Keys and sessions, and how often log-ins and registrations may fail."""

    keys_file: FilePath = Field(
        HOME / ".haat/keys.json",
        description="Private keys (ES256), a set per purpose. See `haat keys`.",
    )
    keys_secret: FileSecret = Field(
        "",
        repr=False,
        description="Secret that encrypts the key file: at least 32 random characters, such as of"
        " `openssl rand -base64 32`. If empty, the file is not encrypted.",
    )
    keys_secret_old: FileSecret = Field(
        "", repr=False, description="The former secret, until the key file is encrypted again."
    )
    access_token_minutes: int = Field(15, ge=1, le=60)
    refresh_token_days: int = Field(7, ge=1, le=90)
    session_days: int = Field(
        90, ge=1, le=365, description="Days after which a session ends, however often refreshed."
    )
    log_in_attempts: int = Field(
        5,
        ge=1,
        le=1000,
        description="Failed log-ins per account and network in 15 minutes. Twice as many from a"
        " network in which the account signed in within 30 days.",
    )
    log_in_attempts_per_account: int = Field(
        50,
        ge=1,
        le=100_000,
        description="Failed log-ins per account in an hour, from networks that are new to it.",
    )
    log_in_attempts_per_network: int = Field(
        100,
        ge=1,
        le=1_000_000,
        description="Failed log-ins per network in 15 minutes, and half of the passwords that are"
        " hashed for a network in 100 seconds. Thousands of customers of a mobile carrier can share"
        " one IPv4 address.",
    )
    registrations_per_network: int = Field(
        20,
        ge=1,
        le=100_000,
        description="Registrations per network in an hour, and as many requests for a new"
        " password.",
    )
    mails_per_address: int = Field(
        3, ge=1, le=100, description="Mails with a link or a code per email address in an hour."
    )
    mails_per_day: int = Field(
        50_000,
        ge=1,
        le=100_000_000,
        description="Mails with a link or a code in a day, to all addresses.",
    )
    wrong_codes_per_network: int = Field(
        15, ge=1, le=100_000, description="Wrong verification codes per network in an hour."
    )
    wrong_factors_per_network: int = Field(
        30,
        ge=1,
        le=100_000,
        description="Wrong second factors per network in an hour, of accounts that have not signed"
        " in there within 30 days.",
    )
    passkey_domain: Domain = Field(
        "",
        description="Domain of passkeys, such as haat.example: they work on its pages and those of"
        " its subdomains. Another one makes all passkeys useless. If empty, the host of PUBLIC_URL,"
        " or localhost.",
    )
    passkey_origins: PasskeyOrigins = Field(
        [],
        description="Origins of pages and apps that may use passkeys, separated by commas:"
        " https://haat.example, or android:apk-key-hash:… for an app. If empty, that of"
        " PUBLIC_URL.",
    )
    factor_required_for_admins: bool = Field(
        False,
        description="Whether admins need a second factor. Without one, they can sign in, but only"
        " to set one up.",
    )
    factor_required_for_owners: bool = Field(False, description="The same for owners of vendors.")
    google_client_id: Key = Field(
        "", description="Client ID at Google. If empty, users cannot sign in with Google."
    )
    google_client_secret: Key = Field("", repr=False, description="Its client secret.")
    google_url: RequiredWebUrl = Field(
        "https://accounts.google.com", description="The issuer of Google's ID tokens."
    )
    facebook_client_id: Key = Field(
        "", description="App ID at Facebook. If empty, users cannot sign in with Facebook."
    )
    facebook_client_secret: Key = Field("", repr=False, description="Its app secret.")
    facebook_url: RequiredWebUrl = Field(
        "https://www.facebook.com", description="Address of Facebook's dialog."
    )
    facebook_graph_url: RequiredWebUrl = Field(
        "https://graph.facebook.com", description="Address of Facebook's Graph API."
    )
    sign_in_redirects: RedirectUrls = Field(
        [],
        description="Pages and apps to which users return from Google and Facebook, separated by"
        " commas: https://haat.example/signed-in, or example.haat:/signed-in for an app.",
    )
    sign_in_starts_per_network: int = Field(
        600,
        ge=1,
        le=1_000_000,
        description="Redirects to Google or Facebook, and challenges for passkeys, that a network"
        " may start in 15 minutes.",
    )
    provider_failures_per_network: int = Field(
        100,
        ge=1,
        le=100_000,
        description="Redirects from Google or Facebook per network in 15 minutes that prove"
        " nothing.",
    )
