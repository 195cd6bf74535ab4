"""Time until a webhook of Stripe is accepted: 2,000 different ones, by eight senders at once.

Run `python -m benchmarks.webhooks` on a machine that does nothing else. It fails if the 99th
percentile is 50 ms or more. No worker runs: what follows from a webhook is not measured.
"""

import asyncio
import json
import os
import sys
import tempfile
import time
from pathlib import Path

import httpx

from benchmarks.load.results import BenchmarkError
from benchmarks.server import start_benchmark_server
from payments_stand_in.state import PUBLISHABLE_KEY, SECRET_KEY, WEBHOOK_SECRET
from payments_stand_in.stripe.events import API_VERSION, signature

WEBHOOKS, WARM_UP, AT_ONCE = 2_000, 100, 8
MOST_MS = 50.0
SETTINGS = {
    "STRIPE_SECRET_KEY": SECRET_KEY,
    "STRIPE_PUBLISHABLE_KEY": PUBLISHABLE_KEY,
    "STRIPE_WEBHOOK_SECRETS": WEBHOOK_SECRET,
    "STRIPE_URL": "http://127.0.0.1:9",  # nothing is asked for
}


def webhook(number: int) -> bytes:
    return json.dumps(
        {
            "id": f"evt_{number}",
            "object": "event",
            "api_version": API_VERSION,
            "created": int(time.time()),
            "type": "payment_intent.succeeded",
            "data": {"object": {"id": f"pi_{number}", "object": "payment_intent"}},
        }
    ).encode()


async def measure(url: str) -> list[float]:
    """Return the sorted times in milliseconds."""
    gate, times = asyncio.Semaphore(AT_ONCE), []
    async with httpx.AsyncClient(base_url=url, trust_env=False, timeout=30) as http:

        async def send(number: int) -> None:
            body = webhook(number)
            async with gate:
                headers = signature(WEBHOOK_SECRET, body)
                began = time.perf_counter()
                answer = await http.post("/webhooks/stripe", content=body, headers=headers)
                times.append(1_000 * (time.perf_counter() - began))
            if answer.status_code != httpx.codes.OK:
                raise BenchmarkError(answer.text)

        await asyncio.gather(*(send(number) for number in range(WARM_UP)))
        times.clear()
        await asyncio.gather(*(send(WARM_UP + number) for number in range(WEBHOOKS)))
    return sorted(times)


def main() -> None:
    os.environ.update(SETTINGS)
    with (
        tempfile.TemporaryDirectory() as folder,
        start_benchmark_server(Path(folder)) as server,
    ):
        times = asyncio.run(measure(f"http://127.0.0.1:{server.environment['PORT']}"))
    median, late = times[len(times) // 2], times[len(times) * 99 // 100]
    sys.stdout.write(f"webhook accepted: p50 {median:.1f} ms, p99 {late:.1f} ms\n")
    if late >= MOST_MS:
        raise BenchmarkError(f"p99 is {late:.1f} ms, and not below {MOST_MS} ms.")


if __name__ == "__main__":
    main()
