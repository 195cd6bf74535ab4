"""Which store of objects the settings choose."""

from core.keys import Keys
from core.settings import Settings
from gateways.folder import Folder
from gateways.objects import Objects


def store(settings: Settings, keys: Keys) -> Objects:
    if settings.objects_bucket:
        from gateways.s3 import S3  # noqa: PLC0415 - boto takes a second and 40 MB

        return S3(settings)
    return Folder(settings.objects_folder, settings.address, keys)
