"""Imports all `models`, for code that needs every table and refusal."""

import importlib
import pkgutil

import models

for _module in pkgutil.walk_packages(models.__path__, "models."):
    if _module.name != __name__:
        importlib.import_module(_module.name)
