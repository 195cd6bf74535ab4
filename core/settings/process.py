"""Settings of the processes: addresses, servers, callers, and what they publish."""

from typing import Literal

from pydantic import Field
from pydantic_settings import BaseSettings

from core.settings.values import (
    HOME,
    Contact,
    DatabaseUrl,
    FilePath,
    HeaderNames,
    Host,
    Origins,
    Proxies,
    RedisUrl,
    TrustedDocumentsFile,
    WebUrl,
)


class ProcessSettings(BaseSettings):
    """Addresses, servers that are used, allowed callers, logs and traces."""

    environment: Literal["development", "production"] = "production"
    development_on_network: bool = Field(
        False,
        description="Allow development on a HOST that other machines can reach. Its pages show"
        " unsent mail, and its demo accounts have public passwords.",
    )
    host: Host = Field("127.0.0.1", description="Address to listen on.")
    port: int = Field(8000, ge=1, le=65535)
    workers: int = Field(1, ge=1, le=64, description="Number of server processes.")
    operations_host: Host = Field("127.0.0.1", description="Address of the operations port.")
    operations_port: int | None = Field(
        None,
        ge=1,
        le=65535,
        description="Port for /health, /ready and /metrics. If set, /ready and /metrics are served"
        " there only. If unset, /metrics is served in development only.",
    )
    public_url: WebUrl = Field("", description="Base URL for clients. If empty: http://HOST:PORT.")
    database_url: DatabaseUrl | None = Field(
        None, description="If unset, `haat dev` starts a server."
    )
    migrations_url: DatabaseUrl | None = Field(
        None,
        description="The same database as DATABASE_URL, as the role that owns the tables, for"
        " `haat migrate`. If unset, the role of DATABASE_URL owns them.",
    )
    redis_url: RedisUrl | None = Field(None, description="If unset, `haat dev` starts a server.")
    database_pool: int = Field(
        10, ge=2, le=200, description="Database connections of transactions per process."
    )
    database_read_pool: int = Field(
        10, ge=1, le=200, description="Database connections of reads per process."
    )
    prepared_statements: bool = Field(
        True,
        description="Whether connections keep prepared statements. Set it to false for a PgBouncer"
        " in transaction mode that does not support them (`max_prepared_statements`).",
    )
    statement_timeout_seconds: int = Field(
        2, ge=2, le=60, description="Longest duration of a database statement of a request."
    )
    cors_origins: Origins = Field(
        [], description="Origins that may call the API (CORS), separated by commas."
    )
    cors_headers: HeaderNames = Field(
        [],
        description="Request headers that pages of other origins may send, besides those that"
        " Haat, Apollo, OpenTelemetry and Sentry use; separated by commas.",
    )
    trusted_proxies: Proxies = Field(
        "127.0.0.1",
        description="Addresses and networks of proxies whose X-Forwarded-* headers are trusted,"
        " separated by commas.",
    )
    graphiql: bool | None = Field(None, description="If unset, enabled in development only.")
    introspection: bool | None = Field(None, description="If unset, enabled in development only.")
    schema_download: bool | None = Field(None, description="If unset, in development only.")
    trusted_documents: TrustedDocumentsFile = Field(
        None, description="JSON object of documents by SHA-256. If set, only these documents run."
    )
    security_contact: Contact = Field(
        "",
        max_length=200,
        description="URI for reports of vulnerabilities, published in /.well-known/security.txt:"
        " mailto:, https:// or tel:. If empty, there is no such file.",
    )
    traces_to: WebUrl = Field(
        "", description="OTLP collector, such as http://localhost:4318. If empty, tracing is off."
    )
    heartbeat_file: FilePath = Field(
        HOME / ".haat/worker-heartbeat",
        description="File that a worker touches every 5 seconds, for health checks.",
    )
    journal_days: int = Field(
        7, ge=1, le=365, description="Days for which a subscription can resume from a cursor."
    )
    rejected_document_days: int = Field(
        90,
        ge=1,
        le=3650,
        description="Days for which the documents of a rejected application are kept.",
    )
    returned_application_days: int = Field(
        90,
        ge=1,
        le=3650,
        description="Days after which an application that needs changes is withdrawn, unless it was"
        " submitted again.",
    )
    return_days: int = Field(
        14,
        ge=1,
        le=365,
        description="Days after its delivery in which a customer can return a part of an order. The"
        " vendor gets its money afterwards.",
    )
    order_years: int = Field(
        10,
        ge=1,
        le=30,
        description="Years after its end for which the addresses and notes of an order are kept:"
        " the term of bookkeeping.",
    )
    packs_required: bool = Field(
        False,
        description="Whether vendors need packs to publish offers. An admin can decide otherwise"
        " for one of them.",
    )
    log_format: Literal["text", "json"] | None = Field(
        None, description="If unset: text in development, JSON in production."
    )
