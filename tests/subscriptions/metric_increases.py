"""How far the server's metrics have moved."""

from collections import Counter

from prometheus_client import REGISTRY


class MetricIncreases:
    """How far the metrics of this process have moved since; all labels together."""

    def __init__(self) -> None:
        self._before = self._now()

    def __getitem__(self, name: str) -> float:
        return self._now()[name] - self._before[name]

    def _now(self) -> Counter[str]:
        now: Counter[str] = Counter()
        for family in REGISTRY.collect():
            for one in family.samples:
                now[one.name] += one.value  # type: ignore[assignment]
        return now
