"""Scope as a set: what is read is what was written, and nothing is made up."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as some

from app.access.scopes import MAXIMUM_LENGTH, fits_a_token, join_scope, parse_scope
from app.errors import DomainError

# RFC 6749 §3.3: what a scope-token is made of.
CHARACTERS = [chr(n) for n in range(0x21, 0x7F) if chr(n) not in '"\\']
NAMES = some.text(some.sampled_from(CHARACTERS), min_size=1, max_size=20)
SETS = some.frozensets(NAMES, max_size=8)
BOUNDED = settings(max_examples=60)


@pytest.mark.rfc("RFC 6749 §3.3", "a scope is names with single blanks, in any order")
@BOUNDED
@given(some.lists(NAMES, max_size=8), some.randoms())
def test_the_order_and_repetition_of_names_mean_nothing(names, random) -> None:
    shuffled = [*names, *names]
    random.shuffle(shuffled)
    assert parse_scope(" ".join(shuffled)) == frozenset(names)


@BOUNDED
@given(SETS, SETS)
def test_joining_and_reading_are_each_others_inverse(one, other) -> None:
    assert parse_scope(join_scope(one)) == one
    # One spelling for each set, so that spellings may be compared too.
    assert (join_scope(one) == join_scope(other)) is (one == other)
    assert parse_scope(join_scope(one & other)) <= one
    assert fits_a_token(one)


@BOUNDED
@given(some.text(max_size=60) | some.from_regex(r"[a-z ]{0,20}[\x00-\xff]?[a-z ]*"))
def test_any_text_is_read_or_refused(text: str) -> None:
    try:
        scopes = parse_scope(text)
    except DomainError:
        return
    # Nothing is folded, cut or guessed.
    assert sorted(set(text.split(" "))) == sorted(scopes or {""})
    assert all(set(name) <= set(CHARACTERS) for name in scopes)


def test_a_scope_is_bounded() -> None:
    longest = "x" * MAXIMUM_LENGTH
    assert parse_scope(longest) == {longest}
    assert fits_a_token([longest])
    assert not fits_a_token([longest, "y"])
    with pytest.raises(DomainError):
        parse_scope(longest + "x")
