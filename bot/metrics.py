"""What is counted and timed, for Prometheus; no label ever holds who or what was said."""

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest
from prometheus_client.exposition import CONTENT_TYPE_PLAIN_0_0_4

ANSWER_SECONDS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 4.5)
SEARCH_SECONDS = (0.0001, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.1)


class Metrics:
    """One set a process, handed to whoever counts; tests make their own."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self._ours = ("yixiang", "", "", self.registry)
        self.messages = self._counter("messages", "Messages and events taken, by kind", "act")
        self.refused = self._counter("refused", "Requests the door turned away, by why", "why")
        self.repeats = self._counter("repeats", "Deliveries of a message already answered")
        self.late = self._counter("late_answers", "Answers not ready in time, by way", "way")
        self.faults = self._counter("faults", "Faults a follower was told of, by where", "where")
        self.sends = self._counter(
            "sends", "Messages handed to the platform, by channel and end", "channel", "delivery"
        )
        self.second = self._counter("second_opinions", "Questions to a language model", "end")
        self.answer = self._histogram("answer_seconds", "Signature to reply", ANSWER_SECONDS)
        self.search = self._histogram("search_seconds", "One search", SEARCH_SECONDS)
        self.index_rows = self._gauge("index_instruments", "Instruments in the search index")
        self.outbox_due = self._gauge("outbox_due", "Things to tell that are due by now")
        self.outbox_lag = self._gauge("outbox_lag_seconds", "Since when the oldest of them is due")
        self.job_lag = Gauge(
            "job_lag_seconds", "How late a job is that is due and not done", ("job",), *self._ours
        )

    def expose(self) -> tuple[bytes, str]:
        """The page that Prometheus reads, and its content type."""
        return generate_latest(self.registry), CONTENT_TYPE_PLAIN_0_0_4

    def _counter(self, name: str, about: str, *labels: str) -> Counter:
        return Counter(name, about, labels, *self._ours)

    def _histogram(self, name: str, about: str, buckets: tuple[float, ...]) -> Histogram:
        return Histogram(name, about, (), *self._ours, buckets=buckets)

    def _gauge(self, name: str, about: str) -> Gauge:
        return Gauge(name, about, (), *self._ours)
