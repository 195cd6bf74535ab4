"""Chooses the object storage by the settings."""

from core.security.signing_keys import SigningKeys
from core.settings import Settings
from core.sizes import MEGABYTE
from gateways.storage.base import ObjectStorage
from gateways.storage.local import LocalStorage


def create_storage(settings: Settings, keys: SigningKeys) -> ObjectStorage:
    if settings.objects_bucket:
        from gateways.storage.s3 import S3Storage  # noqa: PLC0415 - boto takes a second and 40 MB

        return S3Storage(settings)
    min_free_bytes = settings.objects_min_free_mb * MEGABYTE
    return LocalStorage(settings.objects_folder, settings.address, keys, min_free_bytes)
