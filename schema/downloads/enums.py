"""Enums of the domain `downloads` in the GraphQL schema."""

from engine.enums import publish
from models.downloads.assets import AssetState, Watermark
from models.downloads.grants import DownloadOutcome, DownloadState
from models.downloads.keys import LicenseKeyState

__all__ = ["AssetState", "DownloadOutcome", "DownloadState", "LicenseKeyState", "Watermark"]

publish(
    Watermark,
    "How each buyer's copy of a file is marked: with the buyer's name and address, both shortened,"
    " and the number of the order.",
    NONE="Not marked: all buyers get the same file.",
    IMAGE="Painted into the picture.",
    PDF="Written on each page.",
)

publish(
    AssetState,
    "The state of a file that is sold.",
    CHECKING="A trial of its mark is being made.",
    READY="It can be sold.",
    FAILED="It cannot be marked. Those who have bought it get it without a mark.",
    REMOVED="Not sold any more. Those who have bought it keep it.",
)

publish(
    DownloadState,
    "The state of a file for its buyer.",
    READY="It can be downloaded: `createDownloadLink`.",
    PREPARING="The buyer's marked copy is being made. `orderChanges` reports its end.",
    USED_UP="It was downloaded as often as it can be.",
    EXPIRED="The time to download it is over.",
    REVOKED="Its units were refunded, or the vendor has taken it back.",
)

publish(
    DownloadOutcome,
    "The outcome of a request of a link.",
    SERVED="The file was sent. It counts as one download, however many ranges were requested.",
    USED_UP="Refused: there was no download left.",
    EXPIRED="Refused: the time was over.",
    REVOKED="Refused: the right was revoked.",
)

publish(
    LicenseKeyState,
    "The state of a license key.",
    FREE="Kept for an order to come.",
    SOLD="Handed to the buyer of a unit. No one else gets it.",
    REVOKED="The unit was refunded. The key is not sold again, because its buyer has seen it.",
)
