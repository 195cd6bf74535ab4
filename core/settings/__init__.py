"""Settings. No other module reads the environment.

`values` has their types, the other modules their groups, and this one what combines several.
"""

from collections.abc import Callable, Iterator
from datetime import timedelta
from ipaddress import IPv4Network, IPv6Network
from pathlib import Path
from typing import Any, Literal, Self
from urllib.parse import urlsplit

from pydantic import ValidationError, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict
from sqlalchemy import make_url

from core.limits import networks
from core.limits.buckets import TokenBucket
from core.security.file_secrets import FileSecrets
from core.security.relying_party import RelyingParty
from core.settings.identity import IdentitySettings
from core.settings.limits import LimitSettings
from core.settings.payouts import PayoutSettings
from core.settings.platform import PlatformSettings
from core.settings.problems import Conflict, Conflicts, SettingsInvalid, conflicts, wrong_values
from core.settings.process import ProcessSettings
from core.settings.providers import ProviderSettings
from core.settings.values import HOME
from core.web.hosts import is_loopback
from core.web.origins import LOCAL_ORIGIN, normalize_origin

__all__ = [
    "HOME",
    "DevelopmentSettings",
    "ServerSettings",
    "Settings",
    "SettingsInvalid",
    "read_settings",
]

SECRETS = Path("/run/secrets")  # where Docker and Podman mount them
NO_DATABASE = "DATABASE_URL is not set. Set it, or run `haat dev`, which starts a database."
NO_REDIS = "REDIS_URL is not set. Set it, or run `haat dev`, which starts Redis."


SOURCES = SettingsConfigDict(
    env_file=HOME / ".env",
    secrets_dir=SECRETS if SECRETS.is_dir() else None,
    extra="ignore",
    frozen=True,
    str_strip_whitespace=True,
)


class _Environment(BaseSettings):
    """The environment alone, for commands that need no other setting of a server."""

    model_config = SOURCES
    environment: str = "production"
    log_format: str | None = None


class Settings(
    ProcessSettings,
    IdentitySettings,
    LimitSettings,
    ProviderSettings,
    PayoutSettings,
    PlatformSettings,
):
    """All settings, with the unit in the name or the description.

    The environment has precedence over the `.env` file in the project folder, which has precedence
    over secrets: files named for a setting, such as /run/secrets/database_url. `read_settings`
    reads them, and raises an error that names each wrong setting.
    """

    model_config = SOURCES

    @model_validator(mode="after")
    def ensure_settings_agree(self) -> Self:
        if found := tuple(self._conflicts()):
            raise Conflicts(found)
        return self

    def _conflicts(self) -> Iterator[Conflict]:
        """Yield what is missing, and what does not go together."""
        if self.development and not (self.development_on_network or is_loopback(self.host)):
            yield Conflict(
                f"HOST is {self.host}, which other machines can reach, and ENVIRONMENT is"
                " development. Set HOST to 127.0.0.1, ENVIRONMENT to production, or"
                " DEVELOPMENT_ON_NETWORK to true.",
                {"host", "environment", "development_on_network"},
            )
        if self.migrations_url and not self.database_url:
            yield Conflict(
                "DATABASE_URL must be set with MIGRATIONS_URL: it names the role of servers and"
                " workers.",
                {"database_url", "migrations_url"},
            )
        if self.operations_port == self.port:
            yield Conflict("OPERATIONS_PORT and PORT must differ.", {"operations_port", "port"})
        sms = [bool(one) for one in (self.sms_account, self.sms_token, self.sms_from)]
        if any(sms) and not all(sms):
            yield Conflict(
                "Set SMS_ACCOUNT, SMS_TOKEN and SMS_FROM together, or none of them.",
                {"sms_account", "sms_token", "sms_from"},
            )
        if bool(self.google_wallet_issuer) != bool(self.google_wallet_account):
            yield Conflict(
                "Set GOOGLE_WALLET_ISSUER and GOOGLE_WALLET_ACCOUNT together, or neither.",
                {"google_wallet_issuer", "google_wallet_account"},
            )
        if self.keys_secret_old and not self.keys_secret:
            yield Conflict(
                "KEYS_SECRET must be set with KEYS_SECRET_OLD: it replaces it.",
                {"keys_secret", "keys_secret_old"},
            )
        yield from self._conflicts_of_sign_in()
        yield from self._conflicts_of_stripe()
        if bool(self.objects_access_key) != bool(self.objects_secret_key):
            yield Conflict(
                "Set OBJECTS_ACCESS_KEY and OBJECTS_SECRET_KEY together, or neither.",
                {"objects_access_key", "objects_secret_key"},
            )
        if self.environment == "production":
            yield from self._missing_in_production()

    def _conflicts_of_sign_in(self) -> Iterator[Conflict]:
        for name in ("google", "facebook"):
            id, secret = f"{name}_client_id", f"{name}_client_secret"
            if bool(getattr(self, id)) != bool(getattr(self, secret)):
                yield Conflict(
                    f"Set {id.upper()} and {secret.upper()} together, or neither.", {id, secret}
                )
            if getattr(self, id) and not self.sign_in_redirects:
                yield Conflict(
                    f"SIGN_IN_REDIRECTS must be set with {id.upper()}: users return there.",
                    {id, "sign_in_redirects"},
                )

    def _conflicts_of_stripe(self) -> Iterator[Conflict]:
        keys = (self.stripe_secret_key, self.stripe_publishable_key)
        if any((*keys, self.stripe_webhook_secrets)) and not all(
            (*keys, self.stripe_webhook_secrets)
        ):
            yield Conflict(
                "Set STRIPE_SECRET_KEY, STRIPE_PUBLISHABLE_KEY and STRIPE_WEBHOOK_SECRETS together,"
                " or none of them.",
                {"stripe_secret_key", "stripe_publishable_key", "stripe_webhook_secrets"},
            )
        if all(keys) and len({"_test_" in key for key in keys}) > 1:
            yield Conflict(
                "STRIPE_SECRET_KEY and STRIPE_PUBLISHABLE_KEY must both be test keys, or both live"
                " ones.",
                {"stripe_secret_key", "stripe_publishable_key"},
            )

    def _missing_in_production(self) -> Iterator[Conflict]:
        if not self.mail_url:
            yield Conflict(
                "MAIL_URL must be set in production, because notifications are sent by mail.",
                {"environment", "mail_url"},
            )
        if not self.public_url:
            yield Conflict(
                "PUBLIC_URL must be set in production, because mails contain links to it.",
                {"environment", "public_url"},
            )
        if not (self.objects_bucket or "objects_folder" in self.model_fields_set):
            yield Conflict(
                "OBJECTS_BUCKET must be set in production, or OBJECTS_FOLDER to a folder that all"
                " servers and workers share, to store uploads.",
                {"environment", "objects_bucket", "objects_folder"},
            )

        for name in ("stripe_url", "paystack_url"):
            if urlsplit(getattr(self, name)).scheme != "https":
                yield Conflict(
                    f"{name.upper()} must be https:// in production, because secret keys are sent"
                    " to it.",
                    {"environment", name},
                )

    @classmethod
    def for_tools(cls, **given: Any) -> Self:
        """Return settings for commands that serve nothing, without what production requires.

        Their logs have the format of the servers.
        """
        real = _Environment()
        chosen: dict[str, Any] = {}
        if real.log_format is None and real.environment != "development":
            chosen["log_format"] = "json"
        return cls(**chosen | given | {"environment": "development", "host": "127.0.0.1"})

    @property
    def file_secrets(self) -> FileSecrets:
        return FileSecrets(self.keys_secret, self.keys_secret_old)

    @property
    def sms_country_codes(self) -> frozenset[str]:
        return frozenset(code.strip() for code in self.sms_countries.split(","))

    @property
    def development(self) -> bool:
        return self.environment == "development"

    @property
    def reachable_host(self) -> str:
        return "127.0.0.1" if self.host in {"0.0.0.0", "::"} else self.host  # noqa: S104 - compared, not bound to

    @property
    def address(self) -> str:
        return self.public_url.rstrip("/") or f"http://{self.reachable_host}:{self.port}"

    @property
    def public_host(self) -> str | None:
        """The host name of PUBLIC_URL, in lower case."""
        return urlsplit(self.public_url).hostname

    @property
    def relying_party(self) -> RelyingParty:
        """The site that passkeys belong to. It does not depend on what a request names."""
        host, parts = self.public_host or "localhost", urlsplit(self.address)
        if host == "localhost" or is_loopback(host):
            host, site = "localhost", f"http://localhost:{parts.port or self.port}"
        else:
            site = normalize_origin(f"{parts.scheme}://{parts.netloc}")
        return RelyingParty(self.passkey_domain or host, self.passkey_origins or [site])

    @property
    def local_origins(self) -> str | None:
        """A pattern of origins of this machine, in development.

        They may call the API besides CORS_ORIGINS, and buyers return there besides
        PAYMENT_RETURN_URLS.
        """
        return LOCAL_ORIGIN.pattern if self.development else None

    @property
    def trusted_networks(self) -> tuple[IPv4Network | IPv6Network, ...]:
        return networks.parse_networks(self.trusted_proxies)

    @property
    def shows_graphiql(self) -> bool:
        return self.development if self.graphiql is None else self.graphiql

    @property
    def shows_introspection(self) -> bool:
        return self.development if self.introspection is None else self.introspection

    @property
    def publishes_schema(self) -> bool:
        return self.development if self.schema_download is None else self.schema_download

    @property
    def notify_after(self) -> timedelta:
        return timedelta(seconds=self.notify_after_seconds)

    @property
    def anonymous_bucket(self) -> TokenBucket:
        return TokenBucket(self.anonymous_points, self.points_per_second)

    @property
    def user_bucket(self) -> TokenBucket:
        return TokenBucket(self.user_points, self.points_per_second)

    @property
    def token_bucket(self) -> TokenBucket:
        return TokenBucket(self.token_points, self.points_per_second)

    @property
    def logs_json(self) -> bool:
        return not self.development if self.log_format is None else self.log_format == "json"

    @property
    def sqlalchemy_url(self) -> str:
        return self._driver_url(self.database_url, "postgresql+asyncpg", tls="ssl")

    @property
    def migrations_sqlalchemy_url(self) -> str:
        """The database URL of the role that owns the tables."""
        url = self.migrations_url or self.database_url
        return self._driver_url(url, "postgresql+asyncpg", tls="ssl")

    @property
    def libpq_url(self) -> str:
        """The database URL for psycopg."""
        return self._driver_url(self.database_url, "postgresql", tls="sslmode")

    @staticmethod
    def _driver_url(given: str | None, driver: str, tls: str) -> str:
        """Return the URL for a driver. The drivers have different names for `sslmode`."""
        if given is None:
            raise SettingsInvalid(NO_DATABASE)
        url = make_url(given)
        query = {tls if name in {"ssl", "sslmode"} else name: url.query[name] for name in url.query}
        return url.set(drivername=driver, query=query).render_as_string(hide_password=False)

    @property
    def redis(self) -> str:
        if self.redis_url is None:
            raise SettingsInvalid(NO_REDIS)
        return self.redis_url


class ServerSettings(Settings):
    """Settings of commands that start no servers, and need PostgreSQL and Redis."""

    def _conflicts(self) -> Iterator[Conflict]:
        if self.database_url is None:
            yield Conflict(NO_DATABASE, {"database_url"})
        if self.redis_url is None:
            yield Conflict(NO_REDIS, {"redis_url"})
        yield from super()._conflicts()


class DevelopmentSettings(Settings):
    """Settings of `haat dev`, which is for development unless ENVIRONMENT is production."""

    environment: Literal["development", "production"] = "development"


def read_settings(read: Callable[..., Settings] = Settings) -> Settings:
    """Return the settings. Raises `SettingsInvalid` with a sentence for each that is wrong."""
    try:
        return read()
    except ValidationError as error:
        wrong = wrong_values(error)
        found = conflicts(error) or _conflicts_besides(set(wrong), read)
        raise SettingsInvalid(*wrong.values(), *found) from error
    except (OSError, UnicodeDecodeError) as error:
        raise SettingsInvalid(
            f"The settings in {HOME / '.env'} and in {SECRETS} cannot be read: {error}."
        ) from error


def _conflicts_besides(wrong: set[str], read: Callable[..., Settings]) -> list[str]:
    """Return the conflicts of the other settings: wrong values keep pydantic from looking."""
    try:
        read(**{name: Settings.model_fields[name].get_default() for name in wrong})
    except ValidationError as error:
        return conflicts(error, apart_from=wrong)
    return []
