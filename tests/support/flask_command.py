"""Runs the `flask` command as an operator does: a process of its own."""

import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

from app.config import PROJECT_ROOT, Settings


def clean_environment(folder: Path, **variables: str) -> dict[str, str]:
    """Return an environment in which nothing but `variables` sets the product up."""
    ours = {name.upper() for name in Settings.model_fields}
    inherited = {name: value for name, value in os.environ.items() if name not in ours}
    return inherited | {
        "PYTHONPATH": str(PROJECT_ROOT),
        "FLASK_APP": "app:create_cli_app",
        "HOME": str(folder),
        **variables,
    }


def run_flask(
    *arguments: str, folder: Path, variables: Mapping[str, str] | None = None
) -> subprocess.CompletedProcess[str]:
    """Run `flask` with `arguments` in `folder`; standard input is closed."""
    return subprocess.run(
        [sys.executable, "-m", "flask", *arguments],
        cwd=folder,
        env=clean_environment(folder, **(variables or {})),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
