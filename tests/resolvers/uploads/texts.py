"""Texts that mutations of uploads take."""

ONE_LINE = {
    "createUpload.fileName",
}
CODES = {
    "createUpload.contentType",
}
