"""Looking for a part of a text."""

import pytest
from sqlalchemy import literal, select

from app.extensions import db
from app.web.searching import holds


@pytest.mark.parametrize(
    ("text", "wanted", "is_held"),
    [
        ("Invoice Sync", "SYNC", True),
        ("Invoice Sync", "voice s", True),
        ("Invoice Sync", "async", False),
        ("50% off", "0% o", True),
        ("500 off", "0% o", False),
        ("a_b", "A_B", True),
        ("acb", "a_b", False),
        ("a/b", "/b", True),
        ("a'; DROP TABLE users", "'; drop", True),
        ("", "", True),
    ],
)
def test_a_part_is_found_in_any_case(
    context: None, text: str, wanted: str, is_held: bool
) -> None:
    found = db.session.scalar(select(holds(literal(text), wanted)))
    assert bool(found) is is_held
