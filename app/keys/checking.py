"""What is wrong with the keys in the environment, all of it at once."""

from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, RSAPublicKey

from app.config import Settings
from app.keys.reading import UnreadableKeyError, read_private_key, read_public_keys
from app.keys.ring import COMMAND, KeySources, text_of

PRIVATE = "PASSPORT_PRIVATE_KEY"
PUBLIC = "PASSPORT_PUBLIC_KEY"
PREVIOUS = "PASSPORT_PREVIOUS_PUBLIC_KEYS"
_MAKE_A_PAIR = f"make a new pair with: {COMMAND} --force"


def key_problems(settings: Settings) -> list[str]:
    """Return a sentence for each thing that keeps the keys from being used.

    No keys at all are no problem: the server starts, and what needs them says so.
    """
    sources = KeySources.of(settings)
    problems = _named_twice(sources)
    private_text = _text(PRIVATE, sources.private, sources.private_file, problems)
    public_text = _text(PUBLIC, sources.public, sources.public_file, problems)
    previous_text = _text(PREVIOUS, sources.previous, sources.previous_file, problems)

    private = _private(private_text, problems)
    public = _public(public_text, problems)
    if private and public and private.public_key() != public:
        problems.append(f"{PUBLIC}: it does not belong to {PRIVATE}; {_MAKE_A_PAIR}")
    if bool(private_text) != bool(public_text) and not problems:
        missing, there = (PUBLIC, PRIVATE) if private_text else (PRIVATE, PUBLIC)
        problems.append(
            f"{missing}: it is missing while {there} is set; {_MAKE_A_PAIR}"
        )
    try:
        read_public_keys(previous_text)
    except UnreadableKeyError as error:
        problems.append(f"{PREVIOUS}: {error}")
    return problems


def _named_twice(sources: KeySources) -> list[str]:
    pairs = zip((PRIVATE, PUBLIC, PREVIOUS), sources[::2], sources[1::2], strict=True)
    return [
        f"{name}: {name}_FILE is set too; keep one of them"
        for name, value, file in pairs
        if value and file
    ]


def _text(name: str, value: str, file: str, problems: list[str]) -> str:
    try:
        text = text_of(value, file)
    except UnreadableKeyError as error:
        problems.append(f"{name}_FILE: {error}")
        return ""
    if file and not text.strip() and not value:
        problems.append(f"{name}_FILE: {file} is empty")
    return text


def _private(text: str, problems: list[str]) -> RSAPrivateKey | None:
    if not text:
        return None
    try:
        return read_private_key(text)
    except UnreadableKeyError as error:
        problems.append(f"{PRIVATE}: {error}; {_MAKE_A_PAIR}")
        return None


def _public(text: str, problems: list[str]) -> RSAPublicKey | None:
    if not text:
        return None
    try:
        keys = read_public_keys(text)
        if len(keys) == 1:
            return keys[0]
        problems.append(f"{PUBLIC}: it must hold one key and holds {len(keys)}")
    except UnreadableKeyError as error:
        problems.append(f"{PUBLIC}: {error}; {_MAKE_A_PAIR}")
    return None
