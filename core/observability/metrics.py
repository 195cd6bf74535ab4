"""Prometheus metrics. `exposition` sums those of all processes."""

from functools import lru_cache, partial

from prometheus_client import Counter, Gauge, Histogram

# The sum over running processes.
live_gauge = partial(Gauge, multiprocess_mode="livesum")

HTTP_REQUESTS = Counter("haat_http_requests", "HTTP requests.", ["method", "status"])
HTTP_SECONDS = Histogram(
    "haat_http_request_seconds", "Time to the last byte of a response, without event streams."
)
OPERATIONS = Counter(
    "haat_graphql_operations",
    "GraphQL operations by root field, or by operation name if only trusted documents run. The"
    " outcome is OK, or the code of the first error or refusal.",
    ["kind", "operation", "outcome"],
)
REFUSALS = Counter(
    "haat_graphql_refusals", "Refused mutations by `ErrorCode`.", ["mutation", "code"]
)
OPERATION_SECONDS = Histogram(
    "haat_graphql_operation_seconds",
    "Duration of queries and mutations.",
    ["kind", "operation"],
)
CARRIER_EVENTS = Counter(
    "haat_carrier_events",
    "Webhooks of carriers: `recorded`, for an `unknown` number, for an `ambiguous` one of several"
    " vendors, `refused` because the report cannot be, `unreadable`, `unsigned`, or `failed`"
    " without the database.",
    ["carrier", "outcome"],
)
PROVIDER_CALLS = Counter(
    "haat_provider_calls",
    "Calls to payment providers that have ended: DONE, REFUSED, or UNKNOWN, which a person looks"
    " at.",
    ["provider", "purpose", "state"],
)
PAYMENTS = Counter(
    "haat_payments",
    "Money that came in by payment providers: CONFIRMED, or the reason for which it goes back.",
    ["provider", "outcome"],
)
PAYMENT_EVENTS = Counter(
    "haat_payment_events",
    "Webhooks of payment providers: `received`, `repeated`, `unsigned`, `failed` without the"
    " database, and what became of them: APPLIED, IGNORED or UNMATCHED.",
    ["provider", "outcome"],
)
DOCUMENTS = Counter("haat_documents", "Lookups of documents by hash.", ["outcome"])

PATHS = Counter(
    "haat_graphql_requests",
    "HTTP requests to /graphql, by whether the short path or the full stack answered.",
    ["path"],
)
PUBLIC_ANSWERS = Counter(
    "haat_public_answers",
    "Answers to public queries: a `hit` in the memory of the process, `shared` by Redis, `made` by"
    " execution, or `joined` while another request made it.",
    ["result"],
)

# `labels` validates and locks: 2 µs. The counters of the most frequent labels are kept.
http_requests = lru_cache(maxsize=256)(HTTP_REQUESTS.labels)
operations = lru_cache(maxsize=1024)(OPERATIONS.labels)
operation_seconds = lru_cache(maxsize=1024)(OPERATION_SECONDS.labels)

SOCKETS = live_gauge("haat_sockets", "Open WebSockets.")
SUBSCRIBERS = live_gauge("haat_subscribers", "Active subscriptions.")
GROUPS = live_gauge("haat_subscriber_groups", "Groups of subscribers that share one execution.")
TOPICS = live_gauge("haat_topics", "Journal topics that this process subscribes to.")
ENTRIES = Counter(
    "haat_live_entries", "Journal entries of subscribed topics, counted once per process."
)
JOURNAL_READS = Counter("haat_journal_reads", "Queries for the journal entries of a topic.")
EXECUTIONS = Counter("haat_live_executions", "Changes that were executed and encoded for a group.")
EXECUTOR_PLANS = Counter("haat_graphql_plans", "Plans of operations that were made.")
EXECUTOR_FALLBACKS = Counter(
    "haat_graphql_fallbacks", "Plans left to graphql-core, by reason.", ["reason"]
)
MESSAGES = Counter("haat_live_messages", "Changes sent to subscribers.")
LAG = Histogram(
    "haat_live_lag_seconds",
    "Time from the start of the transaction that wrote an entry, by the database's clock, until"
    " the change is sent to all subscribers of a group that keep up, by this process's clock.",
    buckets=(0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10),
)
RESUMES = Counter("haat_live_resumes", "Subscriptions that resumed from a cursor.")
OVERFLOWS = Counter(
    "haat_live_overflows",
    "Subscribers whose send buffer was full, so that missed changes were replayed.",
)
REFUSED = Counter("haat_live_refused", "Connections and subscriptions over a limit.", ["limit"])
AUDIT_ENTRIES_LOST = Counter(
    "haat_audit_entries_lost",
    "Audit entries that were logged but not stored: `refused` by the database, which is a bug, or"
    " in `overflow`, more than 1,000 different ones while it was away.",
    ["reason"],
)
CONNECTIONS_REFUSED = Counter(
    "haat_connections_refused",
    "Connections closed before a request was complete, by the limit that they exceeded.",
    ["limit"],
)
