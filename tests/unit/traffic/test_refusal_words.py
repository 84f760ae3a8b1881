"""Every reason has words, and every word a reason."""

from app.traffic.reasons import Endpoint, RefusalReason
from app.traffic.words import ENDPOINTS, KINDS, WORDS


def test_every_reason_says_what_happened_and_what_to_do() -> None:
    assert set(WORDS) == set(RefusalReason)
    for what, advice in WORDS.values():
        assert what.endswith(".")
        assert advice.endswith(".")
        assert what[0].isupper()
        assert advice[0].isupper()


def test_no_two_reasons_say_the_same() -> None:
    assert len({words.what for words in WORDS.values()}) == len(WORDS)


def test_every_reason_is_of_one_kind() -> None:
    sorted_in = [reason for _, reasons in KINDS.values() for reason in reasons]
    assert sorted_in == list(RefusalReason)


def test_every_endpoint_has_words() -> None:
    assert set(ENDPOINTS) == set(Endpoint)


def test_reasons_fit_their_column() -> None:
    assert max(map(len, RefusalReason)) <= 48
    assert max(map(len, Endpoint)) <= 16
