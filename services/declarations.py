"""Declarations of domains for others, which import none of them."""

import pkgutil
from importlib import import_module
from typing import Any

import services


def find_declarations(module: str, attribute: str) -> list[Any]:
    """Return what the modules `services/<domain>/<module>.py` list as `attribute`."""
    found = pkgutil.walk_packages(services.__path__, "services.")
    names = sorted(one.name for one in found if one.name.endswith(f".{module}") and not one.ispkg)
    return [each for name in names for each in getattr(import_module(name), attribute)]
