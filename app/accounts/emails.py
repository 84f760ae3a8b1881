"""E-mail addresses: what counts as one, and when two spellings are the same."""

import unicodedata

from email_validator import EmailNotValidError, validate_email

from app.errors import DomainError
from app.text import is_storable

MAX_LENGTH = 254


def email_key(email: str) -> str:
    """Return what all spellings of an address share.

    Look-ups, uniqueness and the sign-in throttle go by it alone, so that nobody has
    two accounts, or twice the tries, by writing an address differently.
    """
    folded = unicodedata.normalize("NFKC", email.strip()).casefold()
    return unicodedata.normalize("NFKC", folded).strip()


def checked_email(email: str) -> str:
    """Return `email` without surrounding blanks; DomainError if it is no address.

    Whether mail arrives there is not asked: closed networks have names of their own.
    """
    email = email.strip()
    if not (is_storable(email) and _is_address(email)):
        raise DomainError(
            "Enter a full e-mail address, such as ada@example.com.", field="email"
        )
    if max(len(email), len(email_key(email))) > MAX_LENGTH:
        raise DomainError(
            f"Use an e-mail address of at most {MAX_LENGTH} characters.", field="email"
        )
    return email


def _is_address(email: str) -> bool:
    # The library refuses names such as server.local outright, which are real inside
    # closed networks; as the start of a longer name only their spelling is judged.
    try:
        validate_email(f"{email}.lan", check_deliverability=False)
    except EmailNotValidError:
        return False
    return True
