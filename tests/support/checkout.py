"""A copy of the product in a folder of its own, as a fresh checkout has it."""

import shutil
import subprocess
import sys
from pathlib import Path

from app.config import PROJECT_ROOT
from tests.support.flask_command import clean_environment

PARTS = ("app", "migrations", "wsgi.py", ".flaskenv")


class Checkout:
    """The product's files in `folder`, without any environment file."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        for name in PARTS:
            source = PROJECT_ROOT / name
            if source.is_dir():
                shutil.copytree(
                    source, folder / name, ignore=shutil.ignore_patterns("__pycache__")
                )
            else:
                shutil.copy(source, folder / name)

    def flask(
        self, *arguments: str, **variables: str
    ) -> subprocess.CompletedProcess[str]:
        """Run `flask` in the copy, with `variables` in its environment."""
        environment = clean_environment(self.folder, **variables)
        del environment["FLASK_APP"], environment["PYTHONPATH"]
        return subprocess.run(
            [sys.executable, "-m", "flask", *arguments],
            cwd=self.folder,
            env=environment,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )
