"""Metrics: what Prometheus reads; no song and no caller is in them."""

from collections.abc import Callable

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest

_METHODS = ("GET", "HEAD", "POST", "OPTIONS")
_SECONDS = (0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10)


class Metrics:
    """The numbers of one service."""

    def __init__(self) -> None:
        self._registry = CollectorRegistry()
        self._requests = Counter(
            "recommender_requests", "Requests.", ("method", "route", "status"), registry=self._registry
        )
        self._seconds = Histogram(
            "recommender_request_seconds",
            "Until the answer was sent.",
            ("route",),
            registry=self._registry,
            buckets=_SECONDS,
        )
        self._reloads = Counter("recommender_reloads", "New runs found.", ("result",), registry=self._registry)

    def answered(self, method: str, route: str, status: int, seconds: float) -> None:
        """Count a request; status 0: whoever asked was gone before the answer."""
        self._requests.labels(method if method in _METHODS else "other", route, status).inc()
        self._seconds.labels(route).observe(seconds)

    def reloaded(self, result: str) -> None:
        """Count a new run, "taken" or "refused"."""
        self._reloads.labels(result).inc()

    def watch(self, here: Callable[[], int]) -> None:
        """Tell, whenever it is read, how many questions are at work or wait."""
        Gauge("recommender_questions", "At work or waiting.", registry=self._registry).set_function(here)

    def text(self) -> bytes:
        return generate_latest(self._registry)
