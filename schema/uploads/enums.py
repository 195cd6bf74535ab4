"""Enums of the domain `uploads` in the GraphQL schema."""

from core.media.file_types import UploadRejectionReason
from engine.enums import publish
from models.uploads import UploadPurpose, UploadState

__all__ = ["UploadPurpose", "UploadRejectionReason", "UploadState"]

publish(
    UploadPurpose,
    "The purpose of an upload.",
    CHAT="An attachment of a chat message.",
    PICTURE="A picture of a vendor, an offer or a user, with a public URL.",
    DOCUMENT="A document of an application to become a vendor, for the applicant and admins, or a"
    " file of products.",
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
