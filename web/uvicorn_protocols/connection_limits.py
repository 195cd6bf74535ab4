"""Limits on the open connections of this process."""

import resource
from http import HTTPStatus
from ipaddress import ip_address

from starlette.types import Scope
from uvicorn.middleware.proxy_headers import _TrustedHosts

from core.limits.network_slots import NetworkSlot, NetworkSlots
from core.limits.networks import MAX_ADDRESS_LENGTH
from core.observability import metrics
from core.settings import Settings
from web.caller_address import caller_address

# The rest are for PostgreSQL, Redis, uploads and log files. Without file descriptors for these,
# the server could not answer the connections that it has accepted.
SHARE_OF_OPEN_FILES = 0.9
CONNECTION_RETRY_SECONDS = 5  # connections end at any time; soon enough for a person


class ConnectionRefused(Exception):
    """A limit is reached. `status` is the response."""

    def __init__(self, status: HTTPStatus) -> None:
        super().__init__(status)
        self.status = status


class ConnectionLimits:
    """Limits connections in total, and those of each network.

    Connections from this machine and from trusted proxies count only in total: behind a proxy, all
    clients have its address. Connections to the operations port are not limited, so that probes
    and scrapes work when the limits are reached. WebSockets count by the address that the proxy
    names, until they have a user.
    """

    def __init__(self, settings: Settings) -> None:
        open_files, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
        self.most = min(settings.process_connections, int(open_files * SHARE_OF_OPEN_FILES))
        self._networks = NetworkSlots(settings.network_connections)
        self._operations_port = settings.operations_port
        self._trusted = settings.trusted_networks
        self._proxies = _TrustedHosts(settings.trusted_proxies)
        self.anonymous_sockets = NetworkSlots(settings.network_connections)

    def admit(self, port: int | None, peer: str, connections: int) -> NetworkSlot | None:
        """Return the slot that the connection takes, None if it takes none.

        `connections` is the number of open ones, with this. Raises `ConnectionRefused`.
        """
        if port is not None and port == self._operations_port:
            return None
        if connections > self.most:
            metrics.CONNECTIONS_REFUSED.labels("process_connections").inc()
            raise ConnectionRefused(HTTPStatus.SERVICE_UNAVAILABLE)
        if self._is_exempt(peer):
            return None
        return _take(self._networks, peer)

    def admit_socket(self, scope: Scope) -> NetworkSlot:
        """Return the slot of a WebSocket without a user. Raises `ConnectionRefused`."""
        return _take(self.anonymous_sockets, self._forwarded_address(scope))

    def _forwarded_address(self, scope: Scope) -> str:
        """Return the address that uvicorn's middleware will find in the headers."""
        peer = caller_address(scope)
        if peer not in self._proxies:
            return peer
        named = b", ".join(
            value for name, value in scope["headers"] if name == b"x-forwarded-for"
        ).decode("latin-1")
        address, _ = self._proxies.get_trusted_client_address(named)
        return address[:MAX_ADDRESS_LENGTH] or peer

    def _is_exempt(self, peer: str) -> bool:
        try:
            address = ip_address(peer)
        except ValueError:  # a Unix socket has no address
            return True
        address = getattr(address, "ipv4_mapped", None) or address
        return address.is_loopback or any(address in network for network in self._trusted)


def _take(slots: NetworkSlots, address: str) -> NetworkSlot:
    """Return a slot of the address's network. Raises `ConnectionRefused` if all are taken."""
    slot = slots.take(address)
    if slot is None:
        metrics.CONNECTIONS_REFUSED.labels("network_connections").inc()
        raise ConnectionRefused(HTTPStatus.TOO_MANY_REQUESTS)
    return slot
