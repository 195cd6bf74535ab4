"""Objects in a bucket of any S3."""

from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack, closing, contextmanager
from datetime import timedelta
from typing import Any

import structlog
from aioboto3 import Session
from aiobotocore.config import AioConfig
from aiohttp import ClientError as ConnectionFailed
from botocore.exceptions import BotoCoreError, ClientError

from core.clock import now
from core.settings import Settings
from gateways.storage.base import LINK_SECONDS, Link, Served, Unreachable, Unusable

NEVER_WORKS = {"301", "400", "403", "404"}
CHUNK = 64 * 1024

log = structlog.get_logger(__name__)


class S3:
    """One client per process, open from `start` to `stop`."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._bucket = settings.objects_bucket
        self._open = AsyncExitStack()
        self._client: Any = None

    async def start(self) -> None:
        """Opens nothing on the network yet. Checksums that only Amazon knows are left out."""
        settings = self._settings
        config = AioConfig(
            signature_version="s3v4",
            s3={"addressing_style": "path" if settings.objects_url else "virtual"},
            connect_timeout=5,
            read_timeout=20,
            retries={"total_max_attempts": 3, "mode": "standard"},
            request_checksum_calculation="when_required",
            response_checksum_validation="when_required",
        )
        opening = Session().client(
            "s3",
            config=config,
            endpoint_url=settings.objects_url or None,
            region_name=settings.objects_region,
            aws_access_key_id=settings.objects_access_key or None,
            aws_secret_access_key=settings.objects_secret_key or None,
        )
        self._client = await self._open.enter_async_context(opening)

    async def stop(self) -> None:
        await self._open.aclose()

    async def ensure_usable(self) -> None:
        """A store that cannot be reached now may be later; one that says no will not."""
        try:
            await self._client.head_bucket(Bucket=self._bucket)
        except ClientError as error:
            if _code(error) in NEVER_WORKS:
                raise Unusable(f"OBJECTS_BUCKET {self._bucket}: {error}") from error
        except (BotoCoreError, ConnectionFailed) as error:
            log.warning("objects.unreachable", error=str(error))

    async def link_to_send(self, key: str, content_type: str, size: int) -> Link:
        """A PUT whose length and type are signed: another one S3 refuses, before it is stored.

        Not a POST policy, for several S3s have none.
        """
        given: dict[str, object] = {"Key": key, "ContentType": content_type, "ContentLength": size}
        expires = now() + timedelta(seconds=LINK_SECONDS)
        return Link(
            await self._sign("put_object", given), "PUT", {"Content-Type": content_type}, expires
        )

    async def link_to_fetch(self, key: str, served: Served) -> str:
        given: dict[str, object] = {
            "Key": key,
            "ResponseContentType": served.content_type,
            "ResponseContentDisposition": served.disposition,
        }
        return await self._sign("get_object", given)

    async def _sign(self, operation: str, given: dict[str, object]) -> str:
        signed: str = await self._client.generate_presigned_url(
            operation, Params={"Bucket": self._bucket} | given, ExpiresIn=LINK_SECONDS
        )
        return signed

    async def read(self, key: str, most: int) -> bytes | None:
        with _reaching():
            try:
                found = await self._client.get_object(Bucket=self._bucket, Key=key)
            except ClientError as error:
                if _code(error) == "NoSuchKey":
                    return None
                raise
            with closing(found["Body"]) as body:
                return await _first(body.iter_chunks(CHUNK), most)

    async def write(self, key: str, content: bytes, content_type: str) -> None:
        with _reaching():
            await self._client.put_object(
                Bucket=self._bucket, Key=key, Body=content, ContentType=content_type
            )

    async def remove(self, prefix: str, keep: str | None = None) -> None:
        with _reaching():
            listed = await self._client.list_objects_v2(Bucket=self._bucket, Prefix=prefix)
            for found in listed.get("Contents", []):
                if found["Key"] != keep:
                    await self._client.delete_object(Bucket=self._bucket, Key=found["Key"])


async def _first(parts: AsyncIterator[bytes], most: int) -> bytes:
    """At most so many bytes of what comes; the rest is not read."""
    come = bytearray()
    async for part in parts:
        come += part
        if len(come) >= most:
            break
    return bytes(come[:most])


def _code(error: ClientError) -> str:
    return str(error.response["Error"]["Code"])


@contextmanager
def _reaching() -> Iterator[None]:
    try:
        yield
    except (ClientError, BotoCoreError, ConnectionFailed, TimeoutError) as error:
        raise Unreachable from error
