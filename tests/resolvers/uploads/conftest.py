"""Two storages with the same tests: a folder, and an S3 server in its own process."""

import subprocess
import sys
import time
from collections.abc import AsyncIterator, Iterator
from urllib.parse import urlsplit

import boto3
import httpx
import pytest
from botocore.exceptions import ConnectionError as Unreached

from app import create_app
from core.security.signing_keys import SigningKeys
from core.settings import HOME, Settings
from gateways.storage.base import ObjectStorage
from gateways.storage.factory import create_storage
from gateways.storage.local import LocalStorage
from services.audit.recorder import AuditRecorder
from tests.apps import endpoint_of
from tests.client import Client
from tests.processes import free_port
from tests.resolvers.uploads.uploader import Uploader
from tests.s3 import ID, REGION, SECRET
from tests.web.conftest import called

BUCKET = "haat-files"


@pytest.fixture(scope="session")
def bucket() -> Iterator[dict[str, str]]:
    """Return the settings of an existing bucket."""
    url = f"http://127.0.0.1:{free_port()}"
    command = [sys.executable, "-m", "tests.s3", str(urlsplit(url).port)]
    process = subprocess.Popen(command, cwd=HOME, stderr=subprocess.DEVNULL)
    given = {"aws_access_key_id": ID, "aws_secret_access_key": SECRET, "region_name": REGION}
    client, end = boto3.client("s3", endpoint_url=url, **given), time.monotonic() + 30
    try:
        while True:
            try:
                client.create_bucket(Bucket=BUCKET)
            except Unreached:
                assert process.poll() is None
                assert time.monotonic() < end
                time.sleep(0.1)
            else:
                break
        yield {
            "objects_url": url,
            "objects_bucket": BUCKET,
            "objects_access_key": ID,
            "objects_secret_key": SECRET,
        }
    finally:
        process.terminate()
        process.wait(15)


@pytest.fixture(scope="session", params=["folder", "s3"])
def storing(request: pytest.FixtureRequest, settings: Settings) -> Settings:
    """Return settings for one of the storage backends."""
    if request.param == "folder":
        return settings
    return settings.model_copy(update=request.getfixturevalue("bucket"))


@pytest.fixture(scope="session")
async def objects(storing: Settings, keys: SigningKeys) -> AsyncIterator[ObjectStorage]:
    objects = create_storage(storing, keys)
    await objects.start()
    yield objects
    await objects.stop()


@pytest.fixture(scope="session")
def used_up(objects: ObjectStorage) -> int:
    """Return the status of a second upload to a link: a bucket cannot refuse it."""
    return 409 if isinstance(objects, LocalStorage) else 200


@pytest.fixture(scope="session")
async def outside(
    storing: Settings, audits: list[AuditRecorder]
) -> AsyncIterator[httpx.AsyncClient]:
    """Reaches the app, which is in this process, and whatever its links lead to."""
    app = create_app(storing)
    audits.append(endpoint_of(app).app.audit)
    async with (
        app.router.lifespan_context(app),
        httpx.AsyncClient(
            base_url=storing.address,
            mounts={f"all://{urlsplit(storing.address).netloc}": httpx.ASGITransport(app=app)},
        ) as client,
    ):
        yield client


@pytest.fixture
async def closed(settings: Settings, keys: SigningKeys) -> AsyncIterator[Uploader]:
    """At an app whose S3 does not answer."""
    down = {"objects_bucket": BUCKET, "objects_url": f"http://127.0.0.1:{free_port()}"}
    given = {"objects_access_key": ID, "objects_secret_key": SECRET}
    async with called(settings.model_copy(update=down | given)) as client:
        yield Uploader(Client(client, keys))


@pytest.fixture
def uploader(outside: httpx.AsyncClient, keys: SigningKeys) -> Uploader:
    """Return an anonymous uploader; `uploader.of(user)` uploads as a user."""
    return Uploader(Client(outside, keys))
