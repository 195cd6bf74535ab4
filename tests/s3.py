"""moto's S3 as a process of its own, with what it leaves out: a signed link is looked at.

`python -m tests.s3 PORT`
"""

import sys
from collections.abc import Callable, Iterable
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import parse_qs

from botocore.auth import S3SigV4QueryAuth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials
from moto.moto_server.werkzeug_app import DomainDispatcherApplication, create_backend_app
from werkzeug.serving import run_simple

ID, SECRET, REGION = "haat", "not a secret", "us-east-1"
STAMP = "%Y%m%dT%H%M%SZ"

Answer = Callable[[str, list[tuple[str, str]]], Any]


class Looking:
    """Refuses links whose signature doesn't fit the request as it came, and ended ones."""

    def __init__(self, app: Any) -> None:
        self._app = app

    def __call__(self, environ: dict[str, Any], start: Answer) -> Iterable[bytes]:
        query = parse_qs(environ["QUERY_STRING"])
        if "X-Amz-Signature" in query and not self._is_good(environ, query):
            start("403 Forbidden", [("Content-Type", "application/xml")])
            return [b"<Error><Code>SignatureDoesNotMatch</Code></Error>"]
        if "X-Amz-Signature" not in query and "HTTP_AUTHORIZATION" not in environ:
            start("403 Forbidden", [("Content-Type", "application/xml")])
            return [b"<Error><Code>AccessDenied</Code></Error>"]
        answer: Iterable[bytes] = self._app(environ, start)
        return answer

    def _is_good(self, environ: dict[str, Any], query: dict[str, list[str]]) -> bool:
        [stamp], [seconds] = query["X-Amz-Date"], query["X-Amz-Expires"]
        signed_at = datetime.strptime(stamp, STAMP).replace(tzinfo=UTC)
        if signed_at + timedelta(seconds=int(seconds)) < datetime.now(UTC):
            return False
        return query["X-Amz-Signature"] == [self._signature(environ, query, stamp)]

    def _signature(self, environ: dict[str, Any], query: dict[str, list[str]], stamp: str) -> str:
        kept = [p for p in environ["QUERY_STRING"].split("&") if "X-Amz-Signature" not in p]
        url = f"http://{environ['HTTP_HOST']}{environ['PATH_INFO']}?{'&'.join(kept)}"
        names = query["X-Amz-SignedHeaders"][0].split(";")
        headers = {name: header(environ, name) for name in names}
        request = AWSRequest(environ["REQUEST_METHOD"], url, headers)
        request.context["timestamp"] = stamp
        auth = S3SigV4QueryAuth(Credentials(ID, SECRET), "s3", REGION)
        wanted = auth.string_to_sign(request, auth.canonical_request(request))
        return str(auth.signature(wanted, request))


def header(environ: dict[str, Any], name: str) -> str:
    plain = name.upper().replace("-", "_")
    return str(environ.get(plain if plain.startswith("CONTENT_") else f"HTTP_{plain}", ""))


if __name__ == "__main__":
    backend = DomainDispatcherApplication(create_backend_app)
    run_simple("127.0.0.1", int(sys.argv[1]), Looking(backend), threaded=True)
