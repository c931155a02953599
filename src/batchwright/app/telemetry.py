"""OpenTelemetry as the settings and the OTEL_* variables have it: who makes spans, and where they go.

Imported only where traces are on: it needs the extra `telemetry`.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from threading import Thread
from typing import Final
from urllib.parse import urlsplit

import structlog
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.resources import OTELResourceDetector, Resource
from opentelemetry.sdk.trace import SpanProcessor, TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor
from starlette.middleware import Middleware

from batchwright import __version__
from batchwright.http.tracing import Telling, Traced

log = structlog.get_logger("batchwright")
PATIENCE: Final = 5  # seconds; a supervisor, and service managers, kill who takes long to end
PATH: Final = "/v1/traces"  # where collectors take spans, by the OTLP specification


@dataclass(frozen=True)
class Tracing:
    """Spans of this process, handed to a processor."""

    provider: TracerProvider

    @staticmethod
    def to(processor: SpanProcessor) -> Tracing:
        """Sampled, bounded and named by the OTEL_* variables; the service is called batchwright if they don't say."""
        usual = Resource.create({"service.name": "batchwright", "service.version": __version__})
        provider = TracerProvider(resource=usual.merge(OTELResourceDetector().detect()), shutdown_on_exit=False)
        provider.add_span_processor(processor)
        return Tracing(provider)

    @property
    def middleware(self) -> Middleware:
        """What makes a span of each request."""
        return Middleware(Traced, tracer=self.provider.get_tracer("batchwright", __version__))

    @property
    def tell(self) -> Telling:
        """What makes spans of timings."""
        return Telling(self.provider.get_tracer("batchwright", __version__))

    async def close(self) -> None:
        """Sends what hasn't been sent. A collector that doesn't answer is waited for as long as that is bearable."""
        sending = Thread(target=self.provider.shutdown, daemon=True)  # so the process needn't wait for it
        sending.start()
        await asyncio.to_thread(sending.join, PATIENCE)
        if sending.is_alive():
            log.warning("traces: the collector didn't take the last spans in time")


def exported(url: str) -> Tracing:
    """Spans sent to a collector by OTLP over HTTP. url: the collector's, or in full if it has a path."""
    return Tracing.to(BatchSpanProcessor(OTLPSpanExporter(url if urlsplit(url).path else url + PATH)))
