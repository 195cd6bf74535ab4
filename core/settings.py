"""Settings. No other module reads the environment."""

from datetime import timedelta
from pathlib import Path
from typing import Annotated, Literal, Self

from pydantic import Field, field_validator, model_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict
from sqlalchemy import make_url

from core.documents import trusted_documents
from core.limits.cost_budget import TokenBucket
from core.security import service_account

HOME = Path(__file__).resolve().parent.parent


class Settings(BaseSettings):
    """All settings, with the unit in the name or the description.

    The environment has precedence over the `.env` file in the project folder. An invalid value
    stops the start with pydantic's error message.
    """

    model_config = SettingsConfigDict(env_file=HOME / ".env", extra="ignore", frozen=True)

    environment: Literal["development", "production"] = "development"
    host: str = Field("127.0.0.1", description="Address to listen on.")
    port: int = Field(8000, ge=1, le=65535)
    workers: int = Field(1, ge=1, le=64, description="Number of server processes.")
    public_url: str = Field("", description="Base URL for clients. If empty: http://HOST:PORT.")

    database_url: str | None = Field(None, description="If unset, `haat dev` starts a server.")
    redis_url: str | None = Field(None, description="If unset, `haat dev` starts a server.")
    database_pool: int = Field(10, ge=2, le=200, description="Database connections per process.")
    statement_timeout_seconds: int = Field(
        2, ge=2, le=60, description="Longest duration of a database statement of a request."
    )

    keys_file: Path = Field(
        HOME / ".haat/keys.json",
        description="Private JWK set (ES256). The first key signs, all verify. See `haat keys`.",
    )
    access_token_minutes: int = Field(15, ge=1, le=60)
    refresh_token_days: int = Field(7, ge=1, le=90)
    log_in_attempts: int = Field(
        20, ge=1, description="Failed log-ins per account and per IP address in 15 minutes."
    )

    anonymous_points: int = Field(
        20_000, ge=100, description="Rate limit for anonymous callers: points per IP address."
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

    cors_origins: Annotated[list[str], NoDecode] = Field(
        [], description="Origins that may call the API (CORS), separated by commas."
    )
    trusted_proxies: str = Field(
        "127.0.0.1",
        description="Proxies whose X-Forwarded-* headers are trusted. See uvicorn.",
    )
    graphiql: bool | None = Field(None, description="If unset, enabled in development only.")
    introspection: bool | None = Field(None, description="If unset, enabled in development only.")

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

    @model_validator(mode="after")
    def ensure_mail_is_configured(self) -> Self:
        if self.environment == "production" and not self.mail_url:
            raise ValueError(
                "MAIL_URL must be set in production, because notifications are sent by mail."
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
    def shows_graphiql(self) -> bool:
        return self.development if self.graphiql is None else self.graphiql

    @property
    def shows_introspection(self) -> bool:
        return self.development if self.introspection is None else self.introspection

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
