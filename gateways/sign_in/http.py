"""Requests to a provider, with deadlines and limits."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import httpx
from authlib.integrations.base_client import OAuthError
from authlib.integrations.httpx_client import AsyncOAuth2Client

from core.circuit_breaker import CircuitBreaker, CircuitOpen
from gateways.sign_in.base import ProviderClient, ProviderExchange, ProviderFailed

TIMEOUT_SECONDS = 5  # of a whole request: a person waits for it
MAX_ANSWER_BYTES = 256 * 1024
MAX_CODE_LENGTH = 40  # of an error in the log; those of OAuth are shorter
# Answers that are no JSON, or not of the documented form.
MALFORMED = (ValueError, TypeError, KeyError, AttributeError, RecursionError)


class LimitedTransport(httpx.AsyncHTTPTransport):
    """Refuses an answer of more than 256 KiB, which no provider sends."""

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        response = await super().handle_async_request(request)
        response.stream = _LimitedStream(response.stream)
        return response


class _LimitedStream(httpx.AsyncByteStream):
    def __init__(self, stream: Any) -> None:
        self._stream = stream

    async def __aiter__(self) -> AsyncIterator[bytes]:
        left = MAX_ANSWER_BYTES
        async for chunk in self._stream:
            left -= len(chunk)
            if left < 0:
                raise httpx.DecodingError("The answer is too long.")
            yield chunk

    async def aclose(self) -> None:
        await self._stream.aclose()


class ProviderHttp:
    """Requests to one provider, each with a deadline. One that hangs is not asked for a while."""

    def __init__(self, name: str, client: ProviderClient) -> None:
        self._client = client
        self._transport = LimitedTransport()
        self._http = httpx.AsyncClient(transport=self._transport, timeout=TIMEOUT_SECONDS)
        self._breaker = CircuitBreaker(name, httpx.TransportError, TimeoutError)

    def consent_url(self, endpoint: str, exchange: ProviderExchange, **parameters: str) -> str:
        """Return the URL of a page of consent."""
        url, _ = self._oauth(exchange.redirect_uri).create_authorization_url(
            endpoint, state=exchange.state, code_verifier=exchange.verifier, **parameters
        )
        return str(url)

    async def exchange(
        self, endpoint: str, exchange: ProviderExchange, code: str
    ) -> dict[str, Any]:
        """Return the tokens for the code of a redirect."""
        given = {"code": code, "code_verifier": exchange.verifier}
        return await self.fetch_token(
            endpoint, "authorization_code", exchange.redirect_uri, **given
        )

    async def fetch_token(
        self, endpoint: str, grant: str, redirect_uri: str | None = None, **given: str
    ) -> dict[str, Any]:
        async with self._asked():
            oauth = self._oauth(redirect_uri)
            return _object(await oauth.fetch_token(endpoint, grant_type=grant, **given))

    async def get_json(self, url: str, **arguments: Any) -> dict[str, Any]:
        async with self._asked():
            response = await self._http.get(url, **arguments)
            response.raise_for_status()
            return _object(response.json())

    async def close(self) -> None:
        await self._http.aclose()

    def _oauth(self, redirect_uri: str | None) -> AsyncOAuth2Client:
        """Return a client of its own for each user, because it keeps the token of the user.

        They share their connections.
        """
        return AsyncOAuth2Client(
            self._client.id,
            self._client.secret,
            token_endpoint_auth_method="client_secret_post",  # noqa: S106 - no secret
            redirect_uri=redirect_uri,
            code_challenge_method="S256",
            transport=self._transport,
            timeout=TIMEOUT_SECONDS,
        )

    @asynccontextmanager
    async def _asked(self) -> AsyncIterator[None]:
        """Give the block a deadline, and turn its errors into `ProviderFailed`.

        `httpx` has a deadline for each read, so a provider that sends a byte now and then would
        never reach it.
        """
        try:
            async with self._breaker, asyncio.timeout(TIMEOUT_SECONDS):
                yield
        except CircuitOpen as error:
            raise ProviderFailed(f"did not respond: {error.reason}") from error
        except httpx.HTTPStatusError as error:
            raise ProviderFailed(f"answered {error.response.status_code}") from error
        except OAuthError as error:
            code = str(error.error)[:MAX_CODE_LENGTH]
            raise ProviderFailed(f"refused: {code}", code) from error
        except (httpx.HTTPError, TimeoutError, *MALFORMED) as error:
            raise ProviderFailed(f"did not respond as expected: {type(error).__name__}") from error


def _object(found: object) -> dict[str, Any]:
    if not isinstance(found, dict):
        raise ValueError("The answer is no JSON object.")
    return found
