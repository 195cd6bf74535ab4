"""Inputs of upload mutations."""

from typing import Annotated
from uuid import UUID

import strawberry

from engine.ids import id_of
from engine.types import column
from models.uploads import UploadDraft
from models.validation import parse
from schema.uploads.enums import UploadPurpose

UploadId = Annotated[UUID, id_of("Upload", "The upload's id.")]


@strawberry.input(description="A file to upload.")
class CreateUploadInput:
    file_name: str = column("The file name, at most 200 characters. Folders are removed.")
    content_type: str = column(
        "The media type that the device gives the file, or an empty text: a hint. The content"
        " decides: JPEG, PNG, WebP, GIF, PDF, UTF-8 text, .docx or .xlsx."
    )
    size: int = column(
        "The exact size in bytes: at most 10 MB if the file is an image or announced as one, else"
        " 25 MB."
    )
    purpose: UploadPurpose = strawberry.field(
        default=UploadPurpose.CHAT, description="The purpose of the file."
    )

    def draft(self) -> UploadDraft:
        return parse(
            UploadDraft, file_name=self.file_name, content_type=self.content_type, size=self.size
        )
