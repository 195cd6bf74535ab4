"""Enums of the domain `uploads` in the GraphQL schema."""

from core.media.file_types import UploadRejectionReason
from engine.enums import publish
from models.catalog.imports import ImportOutcome, ImportState
from models.uploads import UploadPurpose, UploadState

__all__ = ["ImportOutcome", "ImportState", "UploadPurpose", "UploadRejectionReason", "UploadState"]

publish(
    UploadPurpose,
    "The purpose of an upload.",
    CHAT="An attachment of a chat message.",
    PICTURE="A picture of a vendor, an offer or a user, with a public URL.",
    DOCUMENT="A document of an application to become a vendor, for the applicant and admins, or a"
    " file of products or offers.",
    DIGITAL="A file that is sold, for those who buy it.",
)

publish(
    UploadRejectionReason,
    "The reason why an upload was rejected.",
    SIZE="The size differs from the announced size.",
    TOO_LARGE="Larger than the limit for its type.",
    TYPE="The content is of a type that is not accepted.",
    AMBIGUOUS="The content can be read as more than one type.",
    DAMAGED="The content is damaged.",
    PIXELS="More than 64 million pixels (WebP: 32), or decoding takes too long.",
    ACTIVE_CONTENT="A PDF or Office file with scripts, macros or remote content, or one that needs"
    " a password.",
)

publish(
    UploadState,
    "The state of an upload.",
    PENDING="Announced. Upload the file to its URL, then call `finishUpload`.",
    READY="Received and accepted.",
    REFUSED="Received and rejected; `rejectionReason` is the reason.",
)

publish(
    ImportOutcome,
    "The result of a row of an import. That of a dry run is the one that the row would have.",
    CREATED="Created a draft of an offer, or of a product with one variant.",
    UPDATED="Changed the offer with this id, or the variant with this SKU or its product.",
    UNCHANGED="All values were the same.",
    REFUSED="Nothing was changed. `code` and `explanation` are the reason.",
)

publish(
    ImportState,
    "The state of an import of products or offers.",
    QUEUED="Waits for a job.",
    RUNNING="The rows are being read.",
    DONE="Each row has a result.",
    FAILED="The file could not be read, or not to its end. `failure` is the reason.",
)
