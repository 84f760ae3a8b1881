"""flask passport:keys against kills and against itself."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from dotenv import dotenv_values

from app.config import PROJECT_ROOT
from app.keys.reading import read_private_key, read_public_keys
from tests.support.flask_command import clean_environment
from tests.support.interrupting import OTHERS

PRIVATE, PUBLIC = "PASSPORT_PRIVATE_KEY", "PASSPORT_PUBLIC_KEY"


def interrupted(folder: Path, mode: str) -> list[dict[str, Any]]:
    """Return what each killed child left."""
    done = subprocess.run(
        [sys.executable, "-m", "tests.support.interrupting", str(folder), mode],
        cwd=PROJECT_ROOT,
        env=clean_environment(folder),
        capture_output=True,
        text=True,
        timeout=180,
        check=True,
    )
    return [json.loads(line) for line in done.stdout.splitlines()]


@pytest.mark.slow
@pytest.mark.parametrize("mode", ["steps", "times"])
def test_a_kill_leaves_the_old_or_the_new_pair_whole(tmp_path: Path, mode: str) -> None:
    reports = interrupted(tmp_path, mode)
    assert len(reports) > 8
    for report in reports:
        text = report["text"]
        assert text.startswith(OTHERS)
        values = dict(line.split("=", 1) for line in text[len(OTHERS) :].splitlines())
        assert set(values) == {PRIVATE, PUBLIC}
        private = read_private_key(values[PRIVATE])
        assert read_public_keys(values[PUBLIC]) == [private.public_key()]
        # Key files go only when the new pair stands.
        assert not report["is_old"] or report["key_files"] == 2
        assert report["leftovers"] <= 1
    if mode == "steps":
        assert {report["is_old"] for report in reports} == {True, False}
        assert [report["was_killed"] for report in reports].count(False) == 1
        assert not reports[-1]["was_killed"]
        assert reports[-1]["leftovers"] == reports[-1]["key_files"] == 0


def test_of_several_runs_at_once_one_makes_the_keys(tmp_path: Path) -> None:
    env_file = tmp_path / ".env"
    command = [sys.executable, "-m", "flask", "passport:keys", "--env-file", ".env"]
    runs = [
        subprocess.Popen(
            command,
            cwd=tmp_path,
            env=clean_environment(tmp_path),
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        for _ in range(4)
    ]
    assert sorted(run.wait(timeout=120) for run in runs) == [0, 1, 1, 1]
    values = dotenv_values(env_file)
    private = read_private_key(values[PRIVATE] or "")
    assert read_public_keys(values[PUBLIC] or "") == [private.public_key()]
    assert len(env_file.read_text().splitlines()) == 2
