"""The port for operators."""

from collections.abc import Awaitable

from starlette.types import ASGIApp, Receive, Scope, Send


class OperationsPort:
    """Routes the connections that arrived at a port to an application of their own.

    It is the port that accepted the connection, which a request cannot choose.
    """

    def __init__(self, app: ASGIApp, port: int | None, operations: ASGIApp) -> None:
        self.app = app
        self.port = port
        self.operations = operations

    def __call__(self, scope: Scope, receive: Receive, send: Send) -> Awaitable[None]:
        is_operations = self.port is not None and (scope.get("server") or ("", 0))[1] == self.port
        return (self.operations if is_operations else self.app)(scope, receive, send)
