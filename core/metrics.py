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
GROUPS = Gauge("haat_follower_groups", "Followers who are told the same count as one.")
TOPICS = Gauge("haat_topics", "Topics followed by this process.")
ENTRIES = Counter("haat_live_entries", "Entries of followed topics, each counted once a process.")
JOURNAL_READS = Counter("haat_journal_reads", "Reads of a topic's entries.")
EXECUTIONS = Counter("haat_live_executions", "Changes executed and encoded, each for its group.")
MESSAGES = Counter("haat_live_messages", "Changes written to followers.")
LAG = Histogram(
    "haat_live_lag_seconds",
    "From the beginning of the transaction that made an entry, by the database's clock, to its"
    " having been written to each of a group's followers that keep up, by this process's.",
    buckets=(0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10),
)
RESUMES = Counter("haat_live_resumes", "Followers that began behind a cursor of theirs.")
OVERFLOWS = Counter("haat_live_overflows", "Followers that fell behind and went on by the journal.")
REFUSED = Counter("haat_live_refused", "Sockets and subscriptions over a limit.", ["limit"])
