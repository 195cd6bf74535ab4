"""Loaders of saved addresses."""

from engine.loaders import visible
from models.addresses import SavedAddress
from services.addresses import visible_addresses

visible_address = visible(SavedAddress, visible_addresses)
