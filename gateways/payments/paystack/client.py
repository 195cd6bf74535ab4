"""Calls to Paystack: JSON in an envelope, with a timeout and a circuit breaker.

Paystack has no idempotency keys. The gateway sends references of ours, which are unique there, and
looks before it repeats what has none.
"""

from collections.abc import AsyncIterator, Mapping
from typing import Any
from urllib.parse import urlsplit

import httpx

from core.circuit_breaker import CircuitBreaker, CircuitOpen
from gateways.payments.errors import (
    NoAnswer,
    ObjectNotFound,
    PaymentProviderError,
    ProviderRefused,
    UnknownOutcome,
)

TIMEOUT_SECONDS = 20.0
# Seconds to wait by status. For 401 and 403, an operator has to correct the key.
AGAIN = {401: 60.0, 403: 60.0, 409: 2.0, 429: 5.0}
PAGE = 100
MAX_PAGES = 100
Json = dict[str, Any]


class PaystackClient:
    """The API of one Paystack account."""

    def __init__(self, secret_key: str, url: str) -> None:
        self._http = httpx.AsyncClient(
            base_url=url.rstrip("/"),
            headers={"Authorization": f"Bearer {secret_key}"},
            timeout=TIMEOUT_SECONDS,
        )
        self._breaker = CircuitBreaker("paystack", httpx.TransportError)

    async def get(self, path: str, **query: str) -> Any:
        """Return the data of an answer."""
        return (await self._call("GET", path, query=query))["data"]

    async def post(self, path: str, body: Json) -> Any:
        return (await self._call("POST", path, body=body))["data"]

    async def put(self, path: str, body: Json) -> Any:
        return (await self._call("PUT", path, body=body))["data"]

    async def put_file(self, url: str, document: bytes) -> None:
        """Send a PDF document to an address that Paystack has signed, without our key."""
        if urlsplit(url).scheme != self._http.base_url.scheme:
            raise ProviderRefused("Paystack named an address of another scheme.")
        try:
            async with httpx.AsyncClient(timeout=TIMEOUT_SECONDS) as http:
                answer = await http.put(
                    url, content=document, headers={"Content-Type": "application/pdf"}
                )
        except httpx.HTTPError as error:
            raise NoAnswer(f"Paystack's storage did not answer: {type(error).__name__}") from error
        if not answer.is_success:  # an address that has expired is signed again
            raise NoAnswer(f"Paystack's storage {answer.status_code}")

    async def list(self, path: str, **query: str) -> AsyncIterator[Json]:
        """Yield the items of all pages."""
        for page in range(1, MAX_PAGES + 1):
            asked = {**query, "perPage": str(PAGE), "page": str(page)}
            items: list[Json] = (await self._call("GET", path, query=asked))["data"]
            for item in items:
                yield item
            if len(items) < PAGE:
                return
        raise NoAnswer("Paystack has too many objects to look through.")

    async def close(self) -> None:
        await self._http.aclose()

    async def _call(
        self,
        method: str,
        path: str,
        *,
        query: Mapping[str, str] | None = None,
        body: Json | None = None,
    ) -> Json:
        try:
            async with self._breaker:
                answer = await self._http.request(method, path, params=query, json=body)
        except CircuitOpen as error:
            reason = f"Paystack did not answer: {error.reason}"
            raise NoAnswer(reason, after=error.seconds) from error
        except httpx.HTTPError as error:
            raise NoAnswer(f"Paystack did not answer: {type(error).__name__}") from error
        found = _json_object(answer)
        if answer.is_success and found.get("status") is True and "data" in found:
            return found
        raise _classify(answer, found, moves_money=method != "GET")


def _classify(answer: httpx.Response, found: Json, *, moves_money: bool) -> PaymentProviderError:
    """Return our error. Its text has the status and code alone, for messages can name people."""
    status, code = answer.status_code, found.get("code")
    reason = f"Paystack {status} {code or ''}"
    if status in AGAIN:
        return NoAnswer(reason, code=code, after=AGAIN[status])
    if answer.is_success or status >= 500:  # a success without an envelope is none
        return UnknownOutcome(reason, code=code) if moves_money else NoAnswer(reason, code=code)
    if status == httpx.codes.NOT_FOUND or (code or "").endswith("_not_found"):
        return ObjectNotFound(reason, code=code)
    return ProviderRefused(reason, code=code or _known_code(str(found.get("message", ""))))


def _known_code(message: str) -> str | None:
    """Return the code of a refusal that older answers name in their message alone."""
    return "duplicate_reference" if "duplicate" in message.lower() else None


def _json_object(answer: httpx.Response) -> Json:
    try:
        body = answer.json()
    except ValueError:
        return {}
    return body if isinstance(body, dict) else {}
