"""Making and replacing the key pair of an environment."""

import base64
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
)

from app.config import PROJECT_ROOT
from app.errors import ConflictError, DomainError
from app.keys.checking import PREVIOUS, PRIVATE, PUBLIC
from app.keys.env_file import EnvFile, locked_env_file, read_env_file
from app.keys.reading import UnreadableKeyError, read_private_key, read_public_keys
from app.keys.ring import KeySources, text_of

DEFAULT_BITS = 2048
LONGEST_BITS = 8192
#: In the order of KeySources.
_NAMES = tuple(
    name + ending for name in (PRIVATE, PUBLIC, PREVIOUS) for ending in ("", "_FILE")
)
_PAIR = _NAMES[:4]
#: As Laravel Passport leaves them.
_KEY_FILES = ("oauth-private.key", "oauth-public.key")


@dataclass(frozen=True, kw_only=True)
class NewKeys:
    """What replaces the keys of an environment, by the names of its variables.

    `replaced` is the public key that they replace, if there was a readable one.
    `outranked_by` names variables of the process that win over the file. `removed`
    are the key files that are gone now.
    """

    values: Mapping[str, str]
    replaced: str | None
    outranked_by: tuple[str, ...]
    removed: tuple[Path, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Wishes:
    """How keys are to be replaced; `bits` is the length of the new key's modulus."""

    bits: int = DEFAULT_BITS
    is_forced: bool = False
    is_rotation: bool = False


def generate_key_pair(bits: int = DEFAULT_BITS) -> dict[str, str]:
    """Return a new RSA pair by variable, each value a PEM in base64 on one line.

    No quote, blank or `$` occurs in it, so that every reader of environment files
    takes it alike.
    """
    key = rsa.generate_private_key(public_exponent=65_537, key_size=bits)
    private = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    return {
        PRIVATE: base64.b64encode(private).decode(),
        PUBLIC: _spell(key.public_key()),
    }


def draw_keys(
    env_file: Path, *, environment: Mapping[str, str], wishes: Wishes
) -> NewKeys:
    """Return keys to print, and change nothing.

    Raises ConflictError where keys exist and neither force nor rotation is wished.
    """
    with locked_env_file(env_file) as file:
        return _draw(file, environment, wishes)


def replace_keys(
    env_file: Path, *, environment: Mapping[str, str], wishes: Wishes
) -> NewKeys:
    """Write a new pair to `env_file`; then remove the key files in `storage` beside it.

    Raises ConflictError where keys exist and the wishes do not allow to replace them.
    Interrupted at any point, the file holds the old or the new pair, and key files are
    removed only after the new one has been read back.
    """
    with locked_env_file(env_file) as file:
        new = _draw(file, environment, wishes)
        if new.outranked_by and not wishes.is_forced:
            raise ConflictError(
                f"{_and(new.outranked_by)} come from the process's environment, over "
                f"which {env_file.name} would not win. Print new keys with --print and "
                "change them there, or add --force to write the file all the same."
            )
        # A value and a file for the same key would contradict each other.
        file.assign(new.values, without=[f"{name}_FILE" for name in new.values])
        _check_pair(file.values())
        removed = _remove_key_files(file.path.parent / "storage")
    return replace(new, removed=removed)


def _draw(file: EnvFile, environment: Mapping[str, str], wishes: Wishes) -> NewKeys:
    standing = file.values()
    names = _NAMES if wishes.is_rotation else _PAIR
    outranked_by = _of_the_process(names, environment, standing)
    in_file = tuple(name for name in _PAIR if standing.get(name))
    if not (wishes.is_forced or wishes.is_rotation):
        _refuse_to_replace(file.path, in_file, outranked_by)
    values = generate_key_pair(wishes.bits)
    present = {**standing, **{name: environment[name] for name in outranked_by}}
    if wishes.is_rotation:
        values[PREVIOUS] = _previous(present)
    return NewKeys(
        values=values, replaced=_present_key(present), outranked_by=outranked_by
    )


def _refuse_to_replace(
    path: Path, in_file: tuple[str, ...], outranked_by: tuple[str, ...]
) -> None:
    if outranked_by:
        raise ConflictError(
            f"There are keys already: {_and(outranked_by)} in the process's "
            f"environment, over which {path.name} would not win. Nothing was changed. "
            "To replace them, print new ones with --force --print or --rotate --print "
            "and set them where the present ones are set."
        )
    if in_file:
        raise ConflictError(
            f"There are keys already: {_and(in_file)} in {path}. Nothing was changed. "
            "Use --rotate to replace them and keep issued tokens valid, or --force to "
            "replace them and make every issued token invalid."
        )


def _of_the_process(
    names: tuple[str, ...], environment: Mapping[str, str], standing: Mapping[str, str]
) -> tuple[str, ...]:
    """Name the variables that were set by something else than an environment file.

    Flask loads `.env` into the environment before a command runs, so what equals a
    file's value is taken to come from there.
    """
    files = (standing, read_env_file(PROJECT_ROOT / ".env"))
    return tuple(
        name
        for name in names
        if (value := environment.get(name))
        and all(file.get(name) != value for file in files)
    )


def _previous(source: Mapping[str, str]) -> str:
    """Return the public keys to keep for verifying, the newest first."""
    sources = KeySources(*(source.get(name, "") for name in _NAMES))
    try:
        private = text_of(sources.private, sources.private_file)
        if not private:
            raise DomainError("There is no key to rotate. Leave out --rotate.")
        keys = [
            read_private_key(private).public_key(),
            *read_public_keys(text_of(sources.previous, sources.previous_file)),
        ]
    except UnreadableKeyError as error:
        raise DomainError(
            f"The present keys cannot be kept for verifying: {error}. "
            "Replace them with --force."
        ) from None
    return ",".join(dict.fromkeys(map(_spell, keys)))


def _present_key(source: Mapping[str, str]) -> str | None:
    sources = KeySources(*(source.get(name, "") for name in _NAMES))
    try:
        private = read_private_key(text_of(sources.private, sources.private_file))
    except UnreadableKeyError:
        return None
    return _spell(private.public_key())


def _check_pair(values: Mapping[str, str]) -> None:
    private = read_private_key(values[PRIVATE])
    if [private.public_key()] != read_public_keys(values[PUBLIC]):
        raise DomainError("The pair that was written does not belong together.")


def _remove_key_files(storage: Path) -> tuple[Path, ...]:
    files = [storage / name for name in _KEY_FILES]
    present = tuple(file for file in files if file.is_symlink() or file.is_file())
    for file in present:
        file.unlink()
    return present


def _spell(key: rsa.RSAPublicKey) -> str:
    pem = key.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    return base64.b64encode(pem).decode()


def _and(names: tuple[str, ...]) -> str:
    return " and ".join(names)
