"""Enums of the domain `pictures` in the GraphQL schema."""

from engine.enums import publish
from models.pictures import PictureFormat, PictureState

__all__ = ["PictureFormat", "PictureState"]

publish(
    PictureFormat,
    "The format of a size of a picture.",
    AVIF="image/avif: the smallest files, for browsers of 2022 and later.",
    WEBP="image/webp: small files, for browsers of 2020 and later.",
    JPEG="image/jpeg: for every client. Transparent pixels are white.",
)

publish(
    PictureState,
    "The state of a picture's sizes.",
    PENDING="They are being made, which takes seconds. Show the picture itself.",
    READY="They can be shown.",
    FAILED="They could not be made. Show the picture itself.",
)
