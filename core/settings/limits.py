"""Settings of the limits on callers."""

from pydantic import Field
from pydantic_settings import BaseSettings

MAX_POINTS = 1_000_000_000


class LimitSettings(BaseSettings):
    """Budgets of points, and limits on connections."""

    anonymous_points: int = Field(
        20_000,
        ge=100,
        le=MAX_POINTS,
        description="Rate limit for anonymous callers: points per network.",
    )
    user_points: int = Field(
        50_000, ge=100, le=MAX_POINTS, description="Rate limit: points per user."
    )
    token_points: int = Field(
        20_000, ge=100, le=MAX_POINTS, description="Rate limit: points per API token."
    )
    points_per_second: int = Field(
        1_000,
        ge=1,
        le=MAX_POINTS,
        description="Points that each rate limit regains per second. See docs/limits.md.",
    )
    public_answer_seconds: int = Field(
        5,
        ge=0,
        le=60,
        description="Time for which answers to public queries of anonymous callers are kept. If 0,"
        " none are. Set the same for all servers. See docs/http.md.",
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
    anonymous_carts_per_network: int = Field(
        600,
        ge=1,
        le=1_000_000,
        description="Carts of anonymous callers that a network may start in an hour. A mobile"
        " network shares an IPv4 address among many customers.",
    )
    wrong_voucher_codes_per_network: int = Field(
        100,
        ge=1,
        le=1_000_000,
        description="Wrong codes of vouchers that the tills of a network may type in 10 minutes.",
    )
