"""Loaders of uploads."""

from engine.loaders import by_id, visible
from models.uploads import Upload
from services.uploads.uploads import visible_uploads

upload_by_id = by_id(Upload)
visible_upload = visible(Upload, visible_uploads)
