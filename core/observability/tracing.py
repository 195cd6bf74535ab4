"""OpenTelemetry traces of operations. Off unless `TRACES_TO` is set."""

from opentelemetry import trace
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor

EXPORT_SECONDS = 5  # a collector that hangs delays only the background thread

tracer = trace.get_tracer("haat")


def traces_url(endpoint: str) -> str:
    return f"{endpoint.rstrip('/')}/v1/traces"


def configure(endpoint: str) -> None:
    """Export spans in batches, from a background thread, to an OTLP collector over HTTP."""
    provider = TracerProvider(resource=Resource.create({"service.name": "haat"}))
    exporter = OTLPSpanExporter(traces_url(endpoint), timeout=EXPORT_SECONDS)
    provider.add_span_processor(BatchSpanProcessor(exporter))
    trace.set_tracer_provider(provider)
