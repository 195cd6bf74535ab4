"""Root fields of the domain `downloads`."""

import strawberry

from resolvers.downloads.assets import DigitalAssetMutation
from resolvers.downloads.grants import DownloadGrantMutation
from resolvers.downloads.keys import LicenseKeyMutation
from resolvers.downloads.queries import DownloadQuery

__all__ = ["DownloadMutation", "DownloadQuery"]


@strawberry.type
class DownloadMutation(DownloadGrantMutation, DigitalAssetMutation, LicenseKeyMutation):
    pass
