"""Object storage in a bucket of any S3-compatible service."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager, closing
from datetime import timedelta
from pathlib import Path
from typing import Any

from aioboto3 import Session
from aiobotocore.config import AioConfig
from aiohttp import ClientError as ConnectionFailed
from botocore.exceptions import BotoCoreError, ClientError, NoCredentialsError

from core.circuit_breaker import CircuitBreaker, CircuitOpen
from core.clock import now
from core.settings import Settings
from gateways.storage.base import (
    LINK_SECONDS,
    DownloadOptions,
    StorageMisconfigured,
    StorageUnreachable,
    UploadLink,
)

PERMANENT_ERRORS = {"301", "400", "403", "404"}
CHUNK_BYTES = 64 * 1024
CONNECT_SECONDS, READ_SECONDS, MAX_ATTEMPTS = 2, 10, 2
FILE_SECONDS = 3600  # to write a file in parts
OPERATION_SECONDS = 30  # to read or write a whole file, all attempts included
FAILURES = (BotoCoreError, ConnectionFailed, TimeoutError)


class S3Storage:
    """One client per process, open from `start` to `stop`."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._bucket = settings.objects_bucket
        self._exit_stack = AsyncExitStack()
        self._client: Any = None
        self._breaker = CircuitBreaker("storage", *FAILURES)

    async def start(self) -> None:
        """Create the client, without network access.

        Checksums are sent only if required: only Amazon's S3 supports all of them.
        """
        settings = self._settings
        config = AioConfig(
            signature_version="s3v4",
            s3={"addressing_style": "path" if settings.objects_url else "virtual"},
            connect_timeout=CONNECT_SECONDS,
            read_timeout=READ_SECONDS,
            retries={"total_max_attempts": MAX_ATTEMPTS, "mode": "standard"},
            request_checksum_calculation="when_required",
            response_checksum_validation="when_required",
        )
        client = Session().client(
            "s3",
            config=config,
            endpoint_url=settings.objects_url or None,
            region_name=settings.objects_region,
            aws_access_key_id=settings.objects_access_key or None,
            aws_secret_access_key=settings.objects_secret_key or None,
        )
        self._client = await self._exit_stack.enter_async_context(client)

    async def stop(self) -> None:
        await self._exit_stack.aclose()

    async def ensure_usable(self) -> None:
        """Check access to the bucket. Raises `StorageUnreachable` for an outage, which may end."""
        try:
            await self._client.head_bucket(Bucket=self._bucket)
        except ClientError as error:
            if _code(error) in PERMANENT_ERRORS:
                raise StorageMisconfigured(f"OBJECTS_BUCKET {self._bucket}: {error}") from error
            raise StorageUnreachable(
                "OBJECTS_URL: the storage answers with an error: {error}.", error=str(error)
            ) from error
        except NoCredentialsError as error:
            raise StorageUnreachable(  # also while the service of a machine's role is away
                "OBJECTS_ACCESS_KEY: there are no credentials for the bucket. Set"
                " OBJECTS_ACCESS_KEY and OBJECTS_SECRET_KEY, or give the machine a role."
            ) from error
        except FAILURES as error:
            raise StorageUnreachable(
                "OBJECTS_URL: the storage cannot be reached: {error}.", error=str(error)
            ) from error

    async def ensure_space(self, size: int) -> None:
        """Do nothing: the service has no limit, or refuses a write."""

    async def create_upload_link(self, key: str, content_type: str, size: int) -> UploadLink:
        """Sign a PUT with its length and type: S3 refuses others before storing them.

        Several S3-compatible services do not support the alternative, a POST policy.
        """
        parameters: dict[str, object] = {
            "Key": key,
            "ContentType": content_type,
            "ContentLength": size,
        }
        expires = now() + timedelta(seconds=LINK_SECONDS)
        return UploadLink(
            await self._sign("put_object", parameters, LINK_SECONDS),
            "PUT",
            {"Content-Type": content_type},
            expires,
        )

    async def create_download_link(
        self, key: str, options: DownloadOptions, seconds: int = LINK_SECONDS
    ) -> str:
        parameters: dict[str, object] = {
            "Key": key,
            "ResponseContentType": options.content_type,
            "ResponseContentDisposition": options.disposition,
        }
        return await self._sign("get_object", parameters, seconds)

    async def _sign(self, operation: str, parameters: dict[str, object], seconds: int) -> str:
        signed: str = await self._client.generate_presigned_url(
            operation, Params={"Bucket": self._bucket} | parameters, ExpiresIn=seconds
        )
        return signed

    async def read(self, key: str, limit: int) -> bytes | None:
        async with self._call():
            try:
                found = await self._client.get_object(Bucket=self._bucket, Key=key)
            except ClientError as error:
                if _code(error) == "NoSuchKey":
                    return None
                raise
            with closing(found["Body"]) as body:
                return await _read_up_to(body.iter_chunks(CHUNK_BYTES), limit)

    async def write(self, key: str, content: bytes, content_type: str) -> None:
        async with self._call():
            await self._client.put_object(
                Bucket=self._bucket, Key=key, Body=content, ContentType=content_type
            )

    async def write_file(self, key: str, path: Path, content_type: str) -> None:
        """Store a file in parts: a request can take 5 GB, and the time of an operation."""
        options = {"ContentType": content_type}
        async with self._call(FILE_SECONDS):
            await self._client.upload_file(str(path), self._bucket, key, ExtraArgs=options)

    async def list_keys(self, folder: str) -> Sequence[str]:
        pages = self._client.get_paginator("list_objects_v2")
        async with self._call():
            return [
                found["Key"]
                async for page in pages.paginate(Bucket=self._bucket, Prefix=folder)
                for found in page.get("Contents", [])
            ]

    async def remove(self, prefix: str, keep: str | None = None) -> None:
        async with self._call():
            listed = await self._client.list_objects_v2(Bucket=self._bucket, Prefix=prefix)
            for found in listed.get("Contents", []):
                if found["Key"] != keep:
                    await self._client.delete_object(Bucket=self._bucket, Key=found["Key"])

    @asynccontextmanager
    async def _call(self, seconds: int | None = None) -> AsyncIterator[None]:
        """Call the storage, with a deadline. Raises `StorageUnreachable`."""
        try:
            async with self._breaker, asyncio.timeout(seconds or OPERATION_SECONDS):
                yield
        except (CircuitOpen, ClientError, *FAILURES) as error:
            raise StorageUnreachable from error


async def _read_up_to(parts: AsyncIterator[bytes], limit: int) -> bytes:
    content = bytearray()
    async for part in parts:
        content += part
        if len(content) >= limit:
            break
    return bytes(content[:limit])


def _code(error: ClientError) -> str:
    return str(error.response["Error"]["Code"])
