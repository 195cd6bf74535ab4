"""Profiles: what users change of their accounts."""

from typing import Self
from uuid import UUID

from pydantic import BaseModel, model_validator

from models.base import LocaleTag
from models.errors import NULL_REFUSED, InvalidInput
from models.text import Name


class ProfilePatch(BaseModel):
    """Values of a profile that a request sets. Others are unset."""

    name: Name | None = None
    locale: LocaleTag | None = None
    time_zone: str | None = None
    avatar_upload_id: UUID | None = None

    @model_validator(mode="after")
    def ensure_required_values_are_kept(self) -> Self:
        for name in ("name", "locale"):
            if name in self.model_fields_set and getattr(self, name) is None:
                raise InvalidInput(NULL_REFUSED, field=[name])
        return self
