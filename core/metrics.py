"""What Prometheus is told."""

from prometheus_client import Counter, Gauge, Histogram

REQUESTS = Counter("haat_http_requests", "HTTP requests.", ["method", "status"])
SECONDS = Histogram("haat_http_request_seconds", "Time to the last byte, without live streams.")
OPERATIONS = Counter(
    "haat_graphql_operations",
    "GraphQL operations, by root field, or by name where documents are trusted.",
    ["kind", "operation", "outcome"],
)
OPERATION_SECONDS = Histogram(
    "haat_graphql_operation_seconds",
    "Time of an operation that is no subscription.",
    ["kind", "operation"],
)
DOCUMENTS = Counter("haat_documents", "Documents asked for by their hash.", ["outcome"])
SOCKETS = Gauge("haat_sockets", "Open WebSockets.")
FOLLOWERS = Gauge("haat_followers", "Subscribers of the live feed.")
TOPICS = Gauge("haat_topics", "Topics followed by this process.")
