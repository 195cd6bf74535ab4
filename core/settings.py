"""Settings. No other module reads the environment."""

import re
from datetime import timedelta
from ipaddress import IPv4Network, IPv6Network
from pathlib import Path
from typing import Annotated, Literal, Self
from urllib.parse import urlsplit

from pydantic import Field, field_validator, model_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict
from sqlalchemy import make_url

from core.documents import trusted_documents
from core.hosts import is_loopback
from core.limits import networks
from core.limits.buckets import TokenBucket
from core.security import service_account

HOME = Path(__file__).resolve().parent.parent
SECRETS = Path("/run/secrets")  # where Docker and Podman mount them


CONTACT = re.compile(r"(mailto:[^\s@]+@[^\s@]+|https://\S+|tel:\+?[0-9-]+)")  # RFC 9116, 2.5.3


class Settings(BaseSettings):
    """All settings, with the unit in the name or the description.

    The environment has precedence over the `.env` file in the project folder, which has precedence
    over secrets: files named for a setting, such as /run/secrets/database_url. An invalid value
    stops the start with pydantic's error message.
    """

    model_config = SettingsConfigDict(
        env_file=HOME / ".env",
        secrets_dir=SECRETS if SECRETS.is_dir() else None,
        extra="ignore",
        frozen=True,
    )

    environment: Literal["development", "production"] = "production"
    development_on_network: bool = Field(
        False,
        description="Allow development on a HOST that other machines can reach. Its pages show"
        " unsent mail, and its demo accounts have public passwords.",
    )
    host: str = Field("127.0.0.1", description="Address to listen on.")
    port: int = Field(8000, ge=1, le=65535)
    workers: int = Field(1, ge=1, le=64, description="Number of server processes.")
    operations_host: str = Field("127.0.0.1", description="Address of the operations port.")
    operations_port: int | None = Field(
        None,
        ge=1,
        le=65535,
        description="Port for /health, /ready and /metrics. If set, /ready and /metrics are served"
        " there only. If unset, /metrics is served in development only.",
    )
    public_url: str = Field("", description="Base URL for clients. If empty: http://HOST:PORT.")

    database_url: str | None = Field(None, description="If unset, `haat dev` starts a server.")
    redis_url: str | None = Field(None, description="If unset, `haat dev` starts a server.")
    database_pool: int = Field(10, ge=2, le=200, description="Database connections per process.")
    statement_timeout_seconds: int = Field(
        2, ge=2, le=60, description="Longest duration of a database statement of a request."
    )

    keys_file: Path = Field(
        HOME / ".haat/keys.json",
        description="Private keys (ES256), a set per purpose. See `haat keys`.",
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
        description="Failed log-ins per network in 15 minutes. Thousands of customers of a mobile"
        " carrier can share one IPv4 address.",
    )

    registrations_per_network: int = Field(
        20, ge=1, le=100_000, description="Registrations per network in an hour."
    )
    mails_per_address: int = Field(
        3, ge=1, le=100, description="Verification mails per email address in an hour."
    )
    wrong_codes_per_network: int = Field(
        15, ge=1, le=100_000, description="Wrong verification codes per network in an hour."
    )

    anonymous_points: int = Field(
        20_000, ge=100, description="Rate limit for anonymous callers: points per network."
    )
    user_points: int = Field(50_000, ge=100, description="Rate limit: points per user.")
    token_points: int = Field(20_000, ge=100, description="Rate limit: points per API token.")
    points_per_second: int = Field(
        1_000,
        ge=1,
        description="Points that each rate limit regains per second. See docs/limits.md.",
    )

    user_connections: int = Field(
        20,
        ge=1,
        le=1000,
        description="WebSockets and event streams per user and process.",
    )
    user_subscriptions: int = Field(
        200, ge=1, le=10_000, description="Subscriptions per user and process."
    )
    socket_operations: int = Field(
        100, ge=1, le=1000, description="Concurrent operations per WebSocket."
    )
    network_connections: int = Field(
        200,
        ge=10,
        le=65_536,
        description="Connections per network and process: an IPv4 address, or an IPv6 /64. Behind"
        " a proxy, WebSockets without a signed-in user.",
    )
    process_connections: int = Field(
        20_000,
        ge=100,
        le=1_000_000,
        description="Connections per process, at most 90 % of its open files (`ulimit -n`).",
    )
    anonymous_socket_seconds: int = Field(
        60,
        ge=5,
        le=3600,
        description="Time after which a WebSocket without a signed-in user and without an"
        " operation is closed.",
    )

    cors_origins: Annotated[list[str], NoDecode] = Field(
        [], description="Origins that may call the API (CORS), separated by commas."
    )
    trusted_proxies: str = Field(
        "127.0.0.1",
        description="Addresses and networks of proxies whose X-Forwarded-* headers are trusted,"
        " separated by commas.",
    )
    graphiql: bool | None = Field(None, description="If unset, enabled in development only.")
    introspection: bool | None = Field(None, description="If unset, enabled in development only.")
    schema_download: bool | None = Field(None, description="If unset, in development only.")

    trusted_documents: Path | None = Field(
        None, description="JSON object of documents by SHA-256. If set, only these documents run."
    )

    mail_url: str = Field(
        "",
        description="smtp://user:password@host:port. If empty, mail goes to the outbox folder.",
    )
    mail_from: str = "Haat <no-reply@haat.example>"
    fcm_credentials: Path | None = Field(
        None, description="Key file of the Google service account that sends push messages."
    )
    fcm_url: str = Field(
        "https://fcm.googleapis.com", description="Base URL of Firebase Cloud Messaging."
    )
    outbox: Path = Field(
        HOME / ".haat/outbox",
        description="Folder of unsent mail and push messages, shown on the start page.",
    )
    notify_after_seconds: int = Field(
        30, ge=0, le=3600, description="Delay before an unread event is sent by push and mail."
    )

    objects_bucket: str = Field(
        "", description="S3 bucket for uploads. If empty, the objects folder is used."
    )
    objects_url: str = Field(
        "", description="URL of the S3 service, for servers and clients. If empty, Amazon's."
    )
    objects_region: str = "us-east-1"
    objects_access_key: str = Field(
        "", description="If empty, boto3 finds the credentials, for example in the machine's role."
    )
    objects_secret_key: str = Field("", repr=False)
    objects_folder: Path = Field(
        HOME / ".haat/objects",
        description="Folder for uploads without a bucket. All servers and workers share it.",
    )
    objects_min_free_mb: int = Field(
        1024,
        ge=0,
        le=1_048_576,
        description="Free space of the objects folder below which uploads are refused.",
    )

    security_contact: str = Field(
        "",
        max_length=200,
        description="URI for reports of vulnerabilities, published in /.well-known/security.txt:"
        " mailto:, https:// or tel:. If empty, there is no such file.",
    )

    traces_to: str = Field(
        "", description="OTLP collector, such as http://localhost:4318. If empty, tracing is off."
    )

    heartbeat_file: Path = Field(
        HOME / ".haat/worker-heartbeat",
        description="File that a worker touches every 5 seconds, for health checks.",
    )
    journal_days: int = Field(
        7, ge=1, description="Days for which a subscription can resume from a cursor."
    )
    log_format: Literal["text", "json"] | None = Field(
        None, description="If unset: text in development, JSON in production."
    )

    @model_validator(mode="before")
    @classmethod
    def split_origins(cls, values: dict[str, object]) -> dict[str, object]:
        origins = values.get("cors_origins")
        if isinstance(origins, str):
            values["cors_origins"] = [one.strip() for one in origins.split(",") if one.strip()]
        return values

    @field_validator("trusted_proxies")
    @classmethod
    def ensure_trusted_proxies_are_networks(cls, proxies: str) -> str:
        networks.parse_networks(proxies)
        return proxies

    @field_validator("trusted_documents")
    @classmethod
    def ensure_trusted_documents_are_valid(cls, path: Path | None) -> Path | None:
        if path:
            trusted_documents.read(path)
        return path

    @field_validator("fcm_credentials")
    @classmethod
    def ensure_fcm_credentials_are_valid(cls, path: Path | None) -> Path | None:
        if path:
            service_account.read(path)
        return path

    @field_validator("security_contact")
    @classmethod
    def ensure_security_contact_is_uri(cls, contact: str) -> str:
        if contact and not CONTACT.fullmatch(contact):
            raise ValueError(
                "SECURITY_CONTACT must be a URI, such as mailto:security@shop.example or"
                " https://shop.example/security."
            )
        return contact

    @model_validator(mode="after")
    def ensure_development_is_local(self) -> Self:
        if self.development and not (self.development_on_network or is_loopback(self.host)):
            raise ValueError(
                f"HOST is {self.host}, which other machines can reach, and ENVIRONMENT is"
                " development. Set HOST to 127.0.0.1, ENVIRONMENT to production, or"
                " DEVELOPMENT_ON_NETWORK to true."
            )
        return self

    @model_validator(mode="after")
    def ensure_mail_is_configured(self) -> Self:
        if self.environment == "production" and not self.mail_url:
            raise ValueError(
                "MAIL_URL must be set in production, because notifications are sent by mail."
            )
        return self

    @model_validator(mode="after")
    def ensure_links_can_be_opened(self) -> Self:
        if self.environment == "production" and not self.public_url:
            raise ValueError(
                "PUBLIC_URL must be set in production, because mails contain links to it."
            )
        return self

    @model_validator(mode="after")
    def ensure_storage_is_configured(self) -> Self:
        if bool(self.objects_access_key) != bool(self.objects_secret_key):
            raise ValueError("Set OBJECTS_ACCESS_KEY and OBJECTS_SECRET_KEY together, or neither.")
        configured = self.objects_bucket or "objects_folder" in self.model_fields_set
        if self.environment == "production" and not configured:
            raise ValueError(
                "OBJECTS_BUCKET must be set in production, or OBJECTS_FOLDER to a folder that all"
                " servers and workers share, to store uploads."
            )
        return self

    @classmethod
    def for_tools(cls) -> Self:
        """Return settings for commands that serve nothing, without what production requires."""
        return cls(environment="development", host="127.0.0.1")

    @model_validator(mode="after")
    def ensure_ports_differ(self) -> Self:
        if self.operations_port == self.port:
            raise ValueError("OPERATIONS_PORT and PORT must differ.")
        return self

    @property
    def development(self) -> bool:
        return self.environment == "development"

    @property
    def reachable_host(self) -> str:
        return "127.0.0.1" if self.host in {"0.0.0.0", "::"} else self.host  # noqa: S104

    @property
    def address(self) -> str:
        return self.public_url.rstrip("/") or f"http://{self.reachable_host}:{self.port}"

    @property
    def public_host(self) -> str | None:
        """The host name of PUBLIC_URL, in lower case."""
        return urlsplit(self.public_url).hostname

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
        return self._database("postgresql+asyncpg", tls="ssl")

    @property
    def libpq_url(self) -> str:
        """The database URL for psycopg."""
        return self._database("postgresql", tls="sslmode")

    def _database(self, driver: str, tls: str) -> str:
        """Return DATABASE_URL for a driver. The drivers have different names for `sslmode`."""
        if self.database_url is None:
            raise SystemExit(
                "DATABASE_URL is not set. Set it, or run `haat dev`, which starts a database."
            )
        url = make_url(self.database_url)
        query = {tls if name in {"ssl", "sslmode"} else name: url.query[name] for name in url.query}
        return url.set(drivername=driver, query=query).render_as_string(hide_password=False)

    @property
    def redis(self) -> str:
        if self.redis_url is None:
            raise SystemExit("REDIS_URL is not set. Set it, or run `haat dev`, which starts Redis.")
        return str(self.redis_url)


class DevelopmentSettings(Settings):
    """Settings of `haat dev`, which is for development unless ENVIRONMENT is production."""

    environment: Literal["development", "production"] = "development"
