"""Which store of objects the settings choose."""

from core.settings import Settings
from core.signing_keys import SigningKeys
from gateways.storage.base import ObjectStorage
from gateways.storage.local import Folder


def store(settings: Settings, keys: SigningKeys) -> ObjectStorage:
    if settings.objects_bucket:
        from gateways.storage.s3 import S3  # noqa: PLC0415 - boto takes a second and 40 MB

        return S3(settings)
    return Folder(settings.objects_folder, settings.address, keys)
