"""The one place that reads the environment."""

from datetime import timedelta
from pathlib import Path
from typing import Annotated, Literal, Self

from pydantic import Field, field_validator, model_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict
from sqlalchemy import make_url

from core import service_account, trusted_documents
from core.cost_budget import TokenBucket

HOME = Path(__file__).resolve().parent.parent


class Settings(BaseSettings):
    """Everything that can be set, with the unit in the name or the description.

    Read from the environment, then from a `.env` file beside the code. A wrong
    value stops the start with pydantic's sentence about it.
    """

    model_config = SettingsConfigDict(env_file=HOME / ".env", extra="ignore", frozen=True)

    environment: Literal["development", "production"] = "development"
    host: str = Field("127.0.0.1", description="The address to listen on.")
    port: int = Field(8000, ge=1, le=65535)
    workers: int = Field(1, ge=1, le=64, description="Server processes.")
    public_url: str = Field("", description="How clients reach the server; empty: host and port.")

    database_url: str | None = Field(None, description="Unset: `haat dev` starts one.")
    redis_url: str | None = Field(None, description="Unset: `haat dev` starts one.")
    database_pool: int = Field(10, ge=2, le=200, description="Connections per process.")

    keys_file: Path = Field(
        HOME / ".haat/keys.json",
        description="Private JWK set (ES256). The first key signs, all verify. See `haat keys`.",
    )
    access_token_minutes: int = Field(15, ge=1, le=60)
    refresh_token_days: int = Field(7, ge=1, le=90)
    log_in_attempts: int = Field(
        20, ge=1, description="Failed log-ins per account and per address in 15 minutes."
    )

    anonymous_points: int = Field(
        20_000, ge=100, description="Points that callers of one address may spend at once."
    )
    user_points: int = Field(50_000, ge=100, description="Points a user may spend at once.")
    token_points: int = Field(
        20_000, ge=100, description="Points that each API token may spend at once."
    )
    points_per_second: int = Field(
        1_000, ge=1, description="How fast spent points come back. See docs/limits.md."
    )

    user_connections: int = Field(
        20,
        ge=1,
        le=1000,
        description="Sockets and event streams a user may have open at one process.",
    )
    user_subscriptions: int = Field(
        200, ge=1, le=10_000, description="Subscriptions of a user at one process."
    )
    socket_operations: int = Field(
        100, ge=1, le=1000, description="Operations on one socket at a time."
    )

    cors_origins: Annotated[list[str], NoDecode] = Field(
        [], description="Origins whose pages may call, separated by commas."
    )
    trusted_proxies: str = Field(
        "127.0.0.1", description="Addresses whose X-Forwarded-* headers count; see uvicorn."
    )
    graphiql: bool | None = Field(None, description="Unset: on in development only.")
    introspection: bool | None = Field(None, description="Unset: on in development only.")

    trusted_documents: Path | None = Field(
        None, description="JSON object of documents by sha256. Set: these alone run."
    )

    mail_url: str = Field(
        "", description="smtp://user:password@host:port; empty: mail goes to the outbox folder."
    )
    mail_from: str = "Haat <no-reply@haat.example>"
    fcm_credentials: Path | None = Field(
        None, description="JSON file of the Google service account that sends push messages."
    )
    fcm_url: str = Field(
        "https://fcm.googleapis.com", description="Where Firebase Cloud Messaging answers."
    )
    outbox: Path = Field(
        HOME / ".haat/outbox", description="Where unsent mail and push are kept to look at."
    )
    notify_after_seconds: int = Field(
        30, ge=0, le=3600, description="How long something may stay unread before a user is told."
    )

    objects_bucket: str = Field(
        "", description="An S3 bucket for what people upload; empty: the objects folder."
    )
    objects_url: str = Field(
        "", description="Where its S3 is, for servers and clients alike; empty: Amazon's."
    )
    objects_region: str = "us-east-1"
    objects_access_key: str = Field(
        "", description="Empty, with the secret: as boto3 finds them, such as a machine's role."
    )
    objects_secret_key: str = Field("", repr=False)
    objects_folder: Path = Field(
        HOME / ".haat/objects", description="Without a bucket; all servers and workers share it."
    )

    traces_to: str = Field(
        "", description="An OTLP collector, such as http://localhost:4318; empty: no traces."
    )

    journal_days: int = Field(7, ge=1, description="How long a subscription can be resumed.")
    log_format: Literal["text", "json"] | None = Field(
        None, description="Unset: text in development, JSON in production."
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
    def ensure_documents_can_be_trusted(cls, path: Path | None) -> Path | None:
        if path:
            trusted_documents.read(path)
        return path

    @field_validator("fcm_credentials")
    @classmethod
    def ensure_push_can_leave(cls, path: Path | None) -> Path | None:
        if path:
            service_account.read(path)
        return path

    @model_validator(mode="after")
    def ensure_mail_can_leave(self) -> Self:
        if self.environment == "production" and not self.mail_url:
            raise ValueError("MAIL_URL must be set in production: customers wait for their mail.")
        return self

    @model_validator(mode="after")
    def ensure_objects_have_a_place(self) -> Self:
        if bool(self.objects_access_key) != bool(self.objects_secret_key):
            raise ValueError("OBJECTS_ACCESS_KEY and OBJECTS_SECRET_KEY are set together.")
        chosen = self.objects_bucket or "objects_folder" in self.model_fields_set
        if self.environment == "production" and not chosen:
            raise ValueError(
                "OBJECTS_BUCKET must be set in production, or OBJECTS_FOLDER to a folder that all"
                " servers and workers share: what people upload goes there."
            )
        return self

    @property
    def development(self) -> bool:
        return self.environment == "development"

    @property
    def reachable_host(self) -> str:
        """Where this machine itself reaches the server."""
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
        """The database for SQLAlchemy, which must be told to use asyncpg."""
        return self._database("postgresql+asyncpg", tls="ssl")

    @property
    def libpq_url(self) -> str:
        """The database for psycopg, which the job worker brings."""
        return self._database("postgresql", tls="sslmode")

    def _database(self, driver: str, tls: str) -> str:
        """DATABASE_URL as a driver wants it: each has a name of its own for `sslmode`."""
        if self.database_url is None:
            raise SystemExit("DATABASE_URL is not set. `haat dev` starts a server of its own.")
        url = make_url(self.database_url)
        query = {tls if name in {"ssl", "sslmode"} else name: url.query[name] for name in url.query}
        return url.set(drivername=driver, query=query).render_as_string(hide_password=False)

    @property
    def redis(self) -> str:
        if self.redis_url is None:
            raise SystemExit("REDIS_URL is not set. `haat dev` starts a server of its own.")
        return str(self.redis_url)
