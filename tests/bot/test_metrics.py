"""Metrics: each set its own, and readable by Prometheus."""

from prometheus_client.parser import text_string_to_metric_families

from bot.metrics import Metrics


def test_what_is_counted_is_exposed() -> None:
    metrics, other = Metrics(), Metrics()
    metrics.messages.labels("text").inc()
    metrics.sends.labels("customer", "delivered").inc(2)
    metrics.answer.observe(0.003)
    metrics.index_rows.set(180)
    page, kind = metrics.expose()
    assert kind.startswith("text/plain")
    samples = {
        (sample.name, *sample.labels.values()): sample.value
        for family in text_string_to_metric_families(page.decode())
        for sample in family.samples
    }
    assert samples["yixiang_messages_total", "text"] == 1
    assert samples["yixiang_sends_total", "customer", "delivered"] == 2
    assert samples["yixiang_answer_seconds_bucket", "0.005"] == 1
    assert samples["yixiang_answer_seconds_bucket", "0.0025"] == 0
    assert samples["yixiang_index_instruments",] == 180
    assert b'messages_total{act="text"}' not in other.expose()[0]
