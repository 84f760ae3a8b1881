"""Replaces keys in processes that are killed on the way, and reports what is left.

Run as `python -m tests.support.interrupting FOLDER steps|times`. Each child replaces
the pair of `FOLDER/.env` and dies by SIGKILL: at its n-th touch of a file, or at some
moment. Nothing in the product knows of this: an audit hook of Python counts the steps.
"""

import itertools
import json
import os
import random
import signal
import sys
import time
from collections.abc import Callable
from pathlib import Path

from app.keys import services
from app.keys.services import Wishes, generate_key_pair, replace_keys

ROUNDS = 60
LONGEST_RUN = 0.02
OTHERS = "# kept\nA=1\nB='two\nlines'\n"
STEPS = ("open", "os.rename", "os.remove", "os.chmod", "os.chown", "tempfile.mkstemp")


def main(folder: Path, mode: str) -> None:
    """Print one JSON line for each child: how it ended and what it left."""
    pairs = itertools.cycle([generate_key_pair() for _ in range(4)])
    # Drawing keys takes most of the time and is no step that could leave anything.
    services.generate_key_pair = lambda _bits: next(pairs)
    for number in itertools.count():
        old = _prepare(folder, next(pairs))
        next(pairs)
        child = os.fork()
        if not child:
            _replace(folder, _dying_at(folder, number) if mode == "steps" else None)
        if mode == "times":
            time.sleep(random.uniform(0, LONGEST_RUN))
            os.kill(child, signal.SIGKILL)
        _, status = os.waitpid(child, 0)
        sys.stdout.write(json.dumps(_report(folder, old, status)) + "\n")
        if number == ROUNDS or (mode == "steps" and os.WIFEXITED(status)):
            return


def _prepare(folder: Path, pair: dict[str, str]) -> str:
    lines = "".join(f"{name}={value}\n" for name, value in pair.items())
    (folder / ".env").write_text(OTHERS + lines)
    storage = folder / "storage"
    storage.mkdir(exist_ok=True)
    for name in ("oauth-private.key", "oauth-public.key"):
        (storage / name).write_text("left by another product")
    return OTHERS + lines


def _replace(
    folder: Path, hook: Callable[[str, tuple[object, ...]], None] | None
) -> None:
    if hook:
        sys.addaudithook(hook)
    while True:
        replace_keys(folder / ".env", environment={}, wishes=Wishes(is_forced=True))
        if hook:
            os._exit(0)


def _dying_at(folder: Path, number: int) -> Callable[[str, tuple[object, ...]], None]:
    steps = itertools.count()

    def hook(event: str, arguments: tuple[object, ...]) -> None:
        if event in STEPS and str(folder) in str(arguments) and next(steps) == number:
            os.kill(os.getpid(), signal.SIGKILL)

    return hook


def _report(folder: Path, old: str, status: int) -> dict[str, object]:
    text = (folder / ".env").read_text()
    return {
        "was_killed": os.WIFSIGNALED(status),
        "is_old": text == old,
        "text": text,
        "key_files": len(list((folder / "storage").iterdir())),
        "leftovers": len(list(folder.iterdir())) - 2,
    }


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2])
