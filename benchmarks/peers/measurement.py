"""The figures of a server and a workload, as medians of several rounds."""

from collections.abc import Callable
from dataclasses import dataclass, field
from statistics import median

from benchmarks.load.results import LoadResult


@dataclass(frozen=True)
class Turn:
    """One turn of a server: CPU in seconds of its processes, of PostgreSQL and of the clients."""

    load: LoadResult
    server_cpu: float
    database_cpu: float
    client_cpu: float

    def per_request(self, cpu_seconds: float) -> float:
        """Return milliseconds."""
        return cpu_seconds * 1000 / len(self.load.latencies)


@dataclass
class Figures:
    """The turns of a server with a workload. Each figure is the median of the turns."""

    contender: str
    workload: str
    turns: list[Turn] = field(default_factory=list)
    peak_megabytes: float = 0.0

    @property
    def rate(self) -> float:
        """Requests per second."""
        return self._median(lambda turn: turn.load.rate)

    @property
    def p50(self) -> float:
        return self._median(lambda turn: turn.load.percentile(0.5))

    @property
    def p99(self) -> float:
        return self._median(lambda turn: turn.load.percentile(0.99))

    @property
    def server_milliseconds(self) -> float:
        """CPU of the server per request."""
        return self._median(lambda turn: turn.per_request(turn.server_cpu))

    @property
    def database_milliseconds(self) -> float:
        return self._median(lambda turn: turn.per_request(turn.database_cpu))

    @property
    def server_share(self) -> float:
        """The share of the server's core that is used."""
        return self._median(lambda turn: turn.server_cpu / turn.load.seconds)

    @property
    def client_share(self) -> float:
        """The share of the other core that clients and PostgreSQL use."""
        return self._median(lambda turn: (turn.client_cpu + turn.database_cpu) / turn.load.seconds)

    @property
    def errors(self) -> int:
        return sum(turn.load.errors.total() for turn in self.turns)

    def _median(self, figure: Callable[[Turn], float]) -> float:
        return median(figure(turn) for turn in self.turns)

    def as_json(self) -> dict[str, object]:
        return {
            "server": self.contender,
            "workload": self.workload,
            "requests_per_second": round(self.rate, 1),
            "server_cpu_ms": round(self.server_milliseconds, 4),
            "database_cpu_ms": round(self.database_milliseconds, 4),
            "p50_ms": round(self.p50, 3),
            "p99_ms": round(self.p99, 3),
            "peak_rss_mb": round(self.peak_megabytes, 1),
            "server_core": round(self.server_share, 3),
            "client_core": round(self.client_share, 3),
            "errors": self.errors,
            "rounds": [round(turn.load.rate, 1) for turn in self.turns],
        }
