"""The keys in use, and what is wrong with those that cannot be used."""

import base64
from pathlib import Path

import pytest
from joserfc import jwt
from joserfc.errors import InvalidKeyIdError

from app.config import Settings
from app.keys.checking import key_problems
from app.keys.ring import KeysMissingError, KeySources, KeysUnusableError, ring_of
from tests.support.keys import TEST_PRIVATE_KEY, TEST_PUBLIC_KEY, make_key_pair

PREVIOUS = make_key_pair(2056)


def sources(**values: str) -> KeySources:
    """Return key sources with the test pair, changed by `values`."""
    settings = _settings(**values)
    return KeySources.of(settings)


def _settings(**values: str) -> Settings:
    pair = {"private_key": TEST_PRIVATE_KEY, "public_key": TEST_PUBLIC_KEY}
    return Settings.model_validate(
        {f"passport_{name}": value for name, value in (pair | values).items()}
    )


def problems(**values: str) -> list[str]:
    """Return what is wrong with the test pair, changed by `values`."""
    return key_problems(_settings(**values))


@pytest.mark.rfc("RFC 7638 §3", "a key's id is the thumbprint of its public half")
def test_the_key_id_is_the_thumbprint_of_the_public_half() -> None:
    ring = ring_of(sources())
    [published] = ring.jwks["keys"]
    assert ring.kid == published["kid"] == next(iter(ring.public)).thumbprint()
    assert len(ring.kid) == 43


@pytest.mark.rfc("RFC 7517 §9.3", "a published key set holds nothing private")
def test_what_is_published_holds_nothing_private() -> None:
    ring = ring_of(sources(previous_public_keys=PREVIOUS[1]))
    assert len(ring.jwks["keys"]) == 2
    for key in ring.jwks["keys"]:
        assert set(key) == {"kty", "n", "e", "kid", "use", "alg"}
        assert (key["kty"], key["use"], key["alg"]) == ("RSA", "sig", "RS256")


def test_one_key_signs_and_previous_ones_still_verify() -> None:
    old = ring_of(sources(private_key=PREVIOUS[0], public_key=PREVIOUS[1]))
    new = ring_of(sources(previous_public_keys=PREVIOUS[1]))
    header = {"alg": "RS256", "kid": old.kid}
    token = jwt.encode(header, {"sub": "x"}, old.private)
    assert jwt.decode(token, new.public).claims == {"sub": "x"}
    assert [key.kid for key in new.private] == [new.kid]
    with pytest.raises(InvalidKeyIdError):
        jwt.decode(token, ring_of(sources()).public)


def test_the_current_key_is_published_once() -> None:
    ring = ring_of(sources(previous_public_keys=TEST_PUBLIC_KEY))
    assert [key["kid"] for key in ring.jwks["keys"]] == [ring.kid]


def test_a_ring_is_built_once() -> None:
    assert ring_of(sources()) is ring_of(sources())


def test_without_keys_the_command_is_named() -> None:
    with pytest.raises(KeysMissingError, match="flask passport:keys"):
        ring_of(sources(private_key="", public_key=""))


def test_keys_are_read_from_files(tmp_path: Path) -> None:
    for name, key in {"private": TEST_PRIVATE_KEY, "public": TEST_PUBLIC_KEY}.items():
        (tmp_path / name).write_bytes(base64.b64decode(key))
    values = {
        "private_key": "",
        "public_key": "",
        "private_key_file": str(tmp_path / "private"),
        "public_key_file": str(tmp_path / "public"),
    }
    assert problems(**values) == []
    assert ring_of(sources(**values)).kid == ring_of(sources()).kid


def test_no_keys_and_a_right_pair_are_no_problem() -> None:
    assert problems() == []
    assert problems(previous_public_keys=PREVIOUS[1]) == []
    assert problems(private_key="", public_key="") == []


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ({"private_key": ""}, ["PASSPORT_PRIVATE_KEY: it is missing"]),
        ({"public_key": ""}, ["PASSPORT_PUBLIC_KEY: it is missing"]),
        ({"public_key": PREVIOUS[1]}, ["PASSPORT_PUBLIC_KEY: it does not belong"]),
        ({"public_key": "nonsense"}, ["PASSPORT_PUBLIC_KEY: it is neither"]),
        ({"public_key": TEST_PRIVATE_KEY}, ["PASSPORT_PUBLIC_KEY: it is a private"]),
        (
            {"public_key": f"{TEST_PUBLIC_KEY},{PREVIOUS[1]}"},
            ["PASSPORT_PUBLIC_KEY: it must hold one key and holds 2"],
        ),
        ({"private_key": TEST_PUBLIC_KEY}, ["PASSPORT_PRIVATE_KEY: it is not a priv"]),
        (
            {"private_key": "x", "public_key": "y", "previous_public_keys": "z"},
            [
                "PASSPORT_PRIVATE_KEY: ",
                "PASSPORT_PUBLIC_KEY: ",
                "PASSPORT_PREVIOUS_PUBLIC_KEYS: ",
            ],
        ),
        (
            dict(zip(("private_key", "public_key"), make_key_pair(1024), strict=True)),
            ["PASSPORT_PRIVATE_KEY: it has 1024 bits", "PASSPORT_PUBLIC_KEY: it has"],
        ),
        (
            {"private_key_file": "/dev/null"},
            ["PASSPORT_PRIVATE_KEY: PASSPORT_PRIVATE_KEY_FILE is set too"],
        ),
        (
            {"private_key": "", "private_key_file": "/nowhere/key"},
            ["PASSPORT_PRIVATE_KEY_FILE: /nowhere/key cannot be read: No such file"],
        ),
        (
            {"public_key": "", "public_key_file": "/dev/null"},
            ["PASSPORT_PUBLIC_KEY_FILE: /dev/null is empty"],
        ),
    ],
)
def test_every_problem_is_told(values: dict[str, str], expected: list[str]) -> None:
    found = problems(**values)
    assert len(found) == len(expected), found
    for problem, start in zip(found, expected, strict=True):
        assert problem.startswith(start)
        assert TEST_PRIVATE_KEY[:20] not in problem


def test_a_file_that_is_no_text_is_a_problem(tmp_path: Path) -> None:
    (tmp_path / "key").write_bytes(b"\xff\xfe\x00")
    [problem] = problems(private_key="", private_key_file=str(tmp_path / "key"))
    assert problem.endswith("cannot be read: it is not text")
    with pytest.raises(KeysUnusableError):
        ring_of(sources(private_key="", private_key_file=str(tmp_path / "key")))
