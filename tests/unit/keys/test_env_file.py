"""Changing an environment file: what is replaced, what stays."""

import os
import stat
from pathlib import Path

import pytest
from dotenv import dotenv_values
from hypothesis import given
from hypothesis import strategies as st

from app.keys.env_file import locked_env_file, read_env_file

NEW = {"PASSPORT_PRIVATE_KEY": "cHJpdmF0ZQ==", "PASSPORT_PUBLIC_KEY": "cHVibGlj"}
PAIR = "PASSPORT_PRIVATE_KEY=cHJpdmF0ZQ==\nPASSPORT_PUBLIC_KEY=cHVibGlj\n"


def assigned(folder: Path, before: str, **options: list[str]) -> str:
    """Return what a file of `before` holds after NEW is assigned."""
    path = folder / ".env"
    path.write_bytes(before.encode())
    with locked_env_file(path) as file:
        file.assign(NEW, **options)
    return path.read_bytes().decode()


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("", PAIR),
        ("A=1\n", "A=1\n" + PAIR),
        ("A=1", "A=1\n" + PAIR),
        ("# words\n\nA=1 # more\n", "# words\n\nA=1 # more\n" + PAIR),
        ("A=1\r\n", "A=1\r\n" + PAIR.replace("\n", "\r\n")),
        (
            "PASSPORT_PRIVATE_KEY=old\nA=1\nPASSPORT_PUBLIC_KEY=old\nB=2\n",
            "PASSPORT_PRIVATE_KEY=cHJpdmF0ZQ==\nA=1\n"
            "PASSPORT_PUBLIC_KEY=cHVibGlj\nB=2\n",
        ),
        ("PASSPORT_PRIVATE_KEY=one\nPASSPORT_PRIVATE_KEY=two\n", PAIR),
        (
            'PASSPORT_PRIVATE_KEY="-----BEGIN X-----\nAA\n-----END X-----"\nA=1\n',
            PAIR.replace("\n", "\nA=1\n", 1),
        ),
        (
            "PASSPORT_PRIVATE_KEY=-----BEGIN X-----\nAA\nBB=\n-----END X-----\nA=1\n",
            PAIR.replace("\n", "\nA=1\n", 1),
        ),
        (
            "PASSPORT_PRIVATE_KEY=-----BEGIN X-----\nA=1\n",
            PAIR.replace("\n", "\nA=1\n", 1),
        ),
        ("export PASSPORT_PRIVATE_KEY=old\n", "export " + PAIR),
        ("#PASSPORT_PRIVATE_KEY=old\n", "#PASSPORT_PRIVATE_KEY=old\n" + PAIR),
        ("PASSPORT_PRIVATE_KEY\n", PAIR),
        ("A='two\nlines'\n", "A='two\nlines'\n" + PAIR),
    ],
)
def test_names_are_assigned_in_place(tmp_path: Path, before: str, after: str) -> None:
    assert assigned(tmp_path, before) == after


def test_names_that_would_contradict_are_removed(tmp_path: Path) -> None:
    before = "A=1\nPASSPORT_PRIVATE_KEY_FILE=/run/key\n"
    after = assigned(tmp_path, before, without=["PASSPORT_PRIVATE_KEY_FILE"])
    assert after == "A=1\n" + PAIR


def test_bytes_that_are_no_text_survive(tmp_path: Path) -> None:
    path = tmp_path / ".env"
    path.write_bytes(b"A=\xff\xfe\n")
    with locked_env_file(path) as file:
        file.assign(NEW)
    assert path.read_bytes() == b"A=\xff\xfe\n" + PAIR.encode()


def test_the_file_is_the_owners_alone(tmp_path: Path) -> None:
    path = tmp_path / ".env"
    path.write_text("A=1\n")
    path.chmod(0o644)
    with locked_env_file(path) as file:
        file.assign(NEW)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


@pytest.mark.skipif(os.geteuid() != 0, reason="needs root to give files away")
def test_root_leaves_the_file_to_its_owner(tmp_path: Path) -> None:
    path = tmp_path / ".env"
    path.write_text("A=1\n")
    os.chown(path, 1234, 1235)
    with locked_env_file(path) as file:
        file.assign(NEW)
    assert (path.stat().st_uid, path.stat().st_gid) == (1234, 1235)


def test_a_link_stays_a_link(tmp_path: Path) -> None:
    target = tmp_path / "shared.env"
    target.write_text("A=1\n")
    link = tmp_path / ".env"
    link.symlink_to(target)
    with locked_env_file(link) as file:
        file.assign(NEW)
    assert link.is_symlink()
    assert target.read_text() == "A=1\n" + PAIR


def test_what_an_interrupted_run_left_is_cleared(tmp_path: Path) -> None:
    stale = tmp_path / ".env.new-abc.tmp"
    stale.write_text("secret")
    assigned(tmp_path, "A=1\n")
    assert sorted(path.name for path in tmp_path.iterdir()) == [".env"]


def test_a_value_that_would_not_be_read_back_is_not_written(tmp_path: Path) -> None:
    before = "A='never closed\n"
    path = tmp_path / ".env"
    path.write_text(before)
    with (
        locked_env_file(path) as file,
        pytest.raises(ValueError, match="a quote that is opened"),
    ):
        file.assign({"B": "it's"})
    assert path.read_text() == before
    assert sorted(found.name for found in tmp_path.iterdir()) == [".env"]


def test_a_failure_leaves_the_old_file_and_no_other(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(_descriptor: int) -> None:
        raise OSError("the disk is full")

    monkeypatch.setattr(os, "fsync", fail)
    with pytest.raises(OSError, match="the disk is full"):
        assigned(tmp_path, "A=1\n")
    assert (tmp_path / ".env").read_text() == "A=1\n"
    assert [path.name for path in tmp_path.iterdir()] == [".env"]


def test_a_file_that_does_not_exist_assigns_nothing(tmp_path: Path) -> None:
    assert read_env_file(tmp_path / "none") == {}


LINES = st.lists(
    st.sampled_from(
        [
            "A=1",
            "# a comment = 'with a quote",
            "",
            "B='two words'",
            'C="a\nb"',
            "export D=x",
            "E",
            "PASSPORT_PUBLIC_KEY=old",
            "PASSPORT_PRIVATE_KEY='old'",
            "  F = y  # why",
        ]
    )
)


@given(LINES)
def test_every_other_assignment_and_comment_survives(
    tmp_path_factory: pytest.TempPathFactory, lines: list[str]
) -> None:
    before = "\n".join(lines)
    after = assigned(tmp_path_factory.mktemp("lines"), before)
    kept = [line for line in lines if not line.startswith("PASSPORT_")]
    left = after
    for line in kept:
        assert line in left
        left = left[left.index(line) + len(line) :] if line else left
    path = tmp_path_factory.mktemp("values") / ".env"
    path.write_text(before)
    old = {k: v for k, v in dotenv_values(path).items() if k not in NEW}
    path.write_text(after)
    assert dotenv_values(path) == old | NEW
