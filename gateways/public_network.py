"""Connections to addresses that users enter: to public ones alone.

A name is looked up here, and the connection is made to the address that was checked, so that a name
which resolves to another address a moment later changes nothing. Each request of a redirect comes
through here as well.
"""

import asyncio
import socket
import ssl
from collections.abc import Awaitable, Callable, Iterable, Sequence
from ipaddress import ip_address
from typing import Any

import httpcore

from core.limits.networks import embedded_ipv4

Resolve = Callable[[str, int], Awaitable[Sequence[str]]]


class PrivateAddress(Exception):
    """The name leads to this machine, to its network, or to none that is public."""


async def resolve(host: str, port: int) -> Sequence[str]:
    """Return the IP addresses of a name. Raises `OSError`."""
    loop = asyncio.get_running_loop()
    found = await loop.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return [str(address[0]) for *_, address in found]


def is_public(address: str) -> bool:
    """Return whether an IP address is one of the internet, also if it stands for an IPv4 one."""
    try:
        parsed = ip_address(address.partition("%")[0])
    except ValueError:
        return False
    inner = embedded_ipv4(parsed) if parsed.version == 6 else None
    return all(one.is_global and not one.is_multicast for one in (parsed, inner) if one)


class PublicNetwork(httpcore.AsyncNetworkBackend):
    """Connects to public addresses. Raises `PrivateAddress` if a name has any other one."""

    def __init__(
        self, inner: httpcore.AsyncNetworkBackend | None = None, resolve: Resolve = resolve
    ) -> None:
        self._inner = inner or httpcore.AnyIOBackend()
        self._resolve = resolve

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,  # noqa: ASYNC109 - of the base class
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.AsyncNetworkStream:
        try:
            addresses = await self._resolve(host, port)
        except (OSError, UnicodeError) as error:
            raise httpcore.ConnectError from error
        if not addresses or not all(map(is_public, addresses)):
            raise PrivateAddress
        return await self._inner.connect_tcp(addresses[0], port, timeout, local_address)


def create_pool(network: httpcore.AsyncNetworkBackend) -> httpcore.AsyncConnectionPool:
    """Return connections that ignore the proxies of the environment, and verify certificates."""
    context = ssl.create_default_context()
    return httpcore.AsyncConnectionPool(
        ssl_context=context, network_backend=network, max_connections=1, retries=0
    )
