"""Changes an environment file as a whole or not at all.

A new file is written beside the old one, brought to the disk and renamed over it, so
that whoever reads meanwhile, or after an interruption at any point, finds one of the
two complete. Whoever changes it holds a lock on its folder.
"""

import fcntl
import io
import os
import tempfile
from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from dotenv import dotenv_values
from dotenv.parser import Binding, parse_stream

_MODE = 0o600


@dataclass(frozen=True)
class EnvFile:
    """An environment file that is locked against other writers of ours."""

    path: Path

    def values(self) -> dict[str, str]:
        """Return what the file assigns now; nothing where it does not exist."""
        return _values_of(self._text())

    def assign(
        self, values: Mapping[str, str], *, without: Collection[str] = ()
    ) -> None:
        """Give `values` to their names and remove the names in `without`.

        Every other line and comment stays as it is. Afterwards the file is on the disk
        with mode 0600 and has been read back. Raises OSError where it cannot be written
        and ValueError where another line keeps the values from being read.
        """
        text = _rewritten(self._text(), values, without)
        _check(_values_of(text), values)
        self._replace(text)
        _check(self.values(), values)

    def _text(self) -> str:
        try:
            # Undecodable bytes belong to lines of others: they go through unchanged.
            return self.path.read_bytes().decode("utf-8", "surrogateescape")
        except FileNotFoundError:
            return ""

    def _replace(self, text: str) -> None:
        for stale in self.path.parent.iterdir():
            # An interrupted run left it; the lock says that no other run is under way.
            if stale.name.startswith(self._prefix) and stale.suffix == ".tmp":
                stale.unlink()
        descriptor, name = tempfile.mkstemp(
            dir=self.path.parent, prefix=self._prefix, suffix=".tmp"
        )
        try:
            with os.fdopen(descriptor, "wb") as file:
                file.write(text.encode("utf-8", "surrogateescape"))
                os.fchmod(file.fileno(), _MODE)
                self._keep_owner(file.fileno())
                file.flush()
                os.fsync(file.fileno())
            Path(name).replace(self.path)
        except BaseException:
            Path(name).unlink(missing_ok=True)
            raise
        _sync_folder(self.path.parent)

    @property
    def _prefix(self) -> str:
        return f"{self.path.name}.new-"

    def _keep_owner(self, descriptor: int) -> None:
        """Leave the file to its owner where root changes it for another account."""
        with suppress(FileNotFoundError, PermissionError):
            old = self.path.stat()
            os.fchown(descriptor, old.st_uid, old.st_gid)


@contextmanager
def locked_env_file(path: Path) -> Iterator[EnvFile]:
    """Hold the file at `path` against other writers; it need not exist yet."""
    # Renaming over a link would part it from its target.
    path = path.resolve()
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        fcntl.flock(folder, fcntl.LOCK_EX)
        yield EnvFile(path)
    finally:
        os.close(folder)


def read_env_file(path: Path) -> dict[str, str]:
    """Return what the file at `path` assigns; nothing where it does not exist."""
    return EnvFile(path).values()


def _values_of(text: str) -> dict[str, str]:
    stream = io.StringIO(text, newline="")
    values = dotenv_values(stream=stream, interpolate=False)
    return {name: value for name, value in values.items() if value is not None}


def _check(found: Mapping[str, str], wanted: Mapping[str, str]) -> None:
    for name, value in wanted.items():
        if found.get(name) != value:
            raise ValueError(
                f"{name} would not be read back as it was written; "
                "look for a quote that is opened and never closed"
            )


def _rewritten(text: str, values: Mapping[str, str], without: Collection[str]) -> str:
    line_end = "\r\n" if "\r\n" in text else "\n"
    missing = dict(values)
    kept: list[str] = []
    bindings = list(parse_stream(io.StringIO(text, newline="")))
    skip_until = 0
    for place, binding in enumerate(bindings):
        if place < skip_until:
            continue
        name = binding.key or ""
        if name not in values and name not in without:
            kept.append(binding.original.string)
            continue
        skip_until = _end_of_key(bindings, place)
        if name in missing:
            kept.append(_line(binding, missing.pop(name)) + line_end)
    if kept and missing and not kept[-1].endswith("\n"):
        kept.append(line_end)
    return "".join([*kept, *(f"{n}={v}{line_end}" for n, v in missing.items())])


def _line(binding: Binding, value: str) -> str:
    prefix = "export " if binding.original.string.lstrip().startswith("export ") else ""
    return f"{prefix}{binding.key}={value}"


def _end_of_key(bindings: list[Binding], place: int) -> int:
    """Return where the assignment ends whose first line is at `place`.

    A PEM with real newlines and no quotes reads as several lines; none of them may
    stay behind when the first one goes.
    """
    if "-----BEGIN " not in bindings[place].original.string:
        return place + 1
    for end in range(place, len(bindings)):
        if "-----END " in bindings[end].original.string:
            return end + 1
    return place + 1


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
