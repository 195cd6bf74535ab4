"""Spans are exported to a collector, with the root field but without text from the client."""

import asyncio
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import httpx
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

from tests import servers
from tests.processes import free_port, running, wait_until_ready


async def test_a_span_for_each_operation(database_url: str, tmp_path: Path) -> None:
    received: list[bytes] = []

    class Collector(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            received.append(self.rfile.read(int(self.headers["Content-Length"])))
            self.send_response(200)
            self.end_headers()

    collector = ThreadingHTTPServer(("127.0.0.1", 0), Collector)
    Thread(target=collector.serve_forever, daemon=True).start()
    port = free_port()
    url = f"http://127.0.0.1:{port}"
    environment = {
        "DATABASE_URL": database_url,
        "REDIS_URL": servers.new_redis_url(),
        "KEYS_FILE": str(tmp_path / "keys.json"),
        "PORT": str(port),
        "TRACES_TO": f"http://127.0.0.1:{collector.server_port}",
        "OTEL_BSP_SCHEDULE_DELAY": "200",
    }
    with running("serve", **environment):
        await asyncio.to_thread(wait_until_ready, url)
        async with httpx.AsyncClient(base_url=url) as client:
            query = "query Secret { secret: viewer { id } }"
            await client.post("/graphql", json={"query": query})
        for _ in range(100):
            await asyncio.sleep(0.1)
            if received:
                break
    collector.shutdown()
    spans = ExportTraceServiceRequest.FromString(received[0]).resource_spans[0].scope_spans[0].spans
    assert [span.name for span in spans] == ["query viewer"]
    assert b"ecret" not in received[0]
