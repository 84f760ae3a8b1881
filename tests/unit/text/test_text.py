"""Names: nothing in them that nobody sees, and all scripts as they are written."""

import pytest

from app.errors import DomainError
from app.text import checked_line


def checked(text: str) -> str:
    """Check a name as services do."""
    return checked_line(text, field="name", limit=100)


@pytest.mark.parametrize(
    "name",
    [
        "Gräfin Østergård", "山田 太郎", "שרה", "مریم می\u200cخواهم", "क्\u200dष",
        "\N{WOMAN}\u200d\N{PERSONAL COMPUTER} Coders", "\N{HEAVY BLACK HEART}\ufe0f",
        "1\ufe0f\u20e3 First", "O\N{COMBINING DIAERESIS}zil", "<b>Bold</b> & Co.",
    ],
)  # fmt: skip
def test_names_of_all_scripts_are_kept_as_they_are(name: str) -> None:
    assert checked(name) == name


@pytest.mark.parametrize(
    "name",
    [
        "Invoice\u200bSync", "Admini\u00adstrator", "\ufeffGatepass", "Gate\u2060pass",
        "Gate\u200dpass", "\u200dGatepass", "Аpp\u200c", "Gatepass\ufe0f", "a\u034fb",
        "Gatepass\U000e0041", "\u3164", "a\uffa0b", "\u2800", "two\nlines",
        "turned \u202e", "\x00",
    ],
)  # fmt: skip
def test_what_nobody_sees_is_in_no_name(name: str) -> None:
    with pytest.raises(DomainError, match="nobody sees"):
        checked(name)
