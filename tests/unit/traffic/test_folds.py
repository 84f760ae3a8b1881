"""Which refusals are one row, and how many rows a flood may make."""

from datetime import timedelta

import pytest

from app import digests
from app.clock import utcnow
from app.database import new_id
from app.traffic import folds, unwritten
from app.traffic.folds import Budget, fold_keys
from app.traffic.reasons import (
    Endpoint,
    Question,
    Refusal,
    RefusalReason,
    Share,
    refused,
)
from app.traffic.unwritten import Ledger

SECRET_KEY = "for-tests-only"
CLIENT = new_id()
R = RefusalReason


def keys_of(refusal: Refusal, endpoint: Endpoint = Endpoint.TOKEN, key: str = "k"):
    return fold_keys(refusal, secret_key=key, endpoint=endpoint)


def test_the_same_cause_has_the_same_key() -> None:
    one = refused(R.SCOPE_NOT_HELD, client_id=CLIENT, missing=["a"])
    again = refused(R.SCOPE_NOT_HELD, client_id=CLIENT, missing=["a"], extra=None)
    assert keys_of(one) == keys_of(again)
    assert all(len(key) == 12 for key in keys_of(one))
    others = [
        keys_of(refused(R.SCOPE_NOT_HELD, client_id=CLIENT, missing=["b"])),
        keys_of(refused(R.SCOPE_NOT_HELD, client_id=new_id(), missing=["a"])),
        keys_of(refused(R.SCOPE_NOT_ALLOWED, client_id=CLIENT, missing=["a"])),
        keys_of(one, Endpoint.API),
        keys_of(one, key="another"),
    ]
    assert len({keys_of(one)[0], *(keys[0] for keys in others)}) == 6


def test_a_coarser_key_forgets_facts_and_then_the_client() -> None:
    one = keys_of(refused(R.SCOPE_NOT_HELD, client_id=CLIENT, missing=["a"]))
    other = keys_of(refused(R.SCOPE_NOT_HELD, client_id=CLIENT, missing=["b"]))
    assert one[0] != other[0]
    assert one[1:] == other[1:]
    strange = keys_of(refused(R.SCOPE_NOT_HELD, client_id=new_id(), missing=["a"]))
    assert one[1] != strange[1]
    assert one[2] == strange[2]


def test_a_key_tells_nothing_without_the_server_s_own() -> None:
    assert digests.fold(secret_key="a", parts="x") != digests.fold(
        secret_key="b", parts="x"
    )


def test_the_budget_is_each_client_s_own_and_grows_back() -> None:
    budget, now = Budget(), utcnow()
    taken = [budget.take(CLIENT, now) for _ in range(folds.BURST + 5)]
    assert taken == [True] * folds.BURST + [False] * 5
    assert budget.take(new_id(), now)
    assert budget.take(None, now)
    later = now + timedelta(seconds=folds.SECONDS_EACH * 2)
    assert [budget.take(CLIENT, later) for _ in range(3)] == [True, True, False]


def test_the_budgets_themselves_are_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(folds, "MAXIMUM_BUDGETS", 3)
    budget = Budget()
    for _ in range(10):
        assert budget.take(new_id(), utcnow())
    assert len(budget._left) <= 3


def note(ledger: Ledger, refusal: Refusal) -> str:
    return ledger.note(
        refusal,
        keys=keys_of(refusal),
        endpoint=Endpoint.TOKEN,
        ip_address="192.0.2.1",
        now=utcnow(),
    ).key


def test_a_ledger_stays_small_and_loses_no_count(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(unwritten, "MAXIMUM_FINE", 10)
    monkeypatch.setattr(unwritten, "MAXIMUM_PENDING", 20)
    monkeypatch.setattr(unwritten, "MAXIMUM_KNOWN", 15)
    monkeypatch.setattr(unwritten, "MAXIMUM_COUNTS", 5)
    ledger = Ledger()
    for number in range(500):
        note(ledger, refused(R.CODE_VERIFIER, client_id=new_id(), number=number))
    assert len(ledger.refusals) <= 21
    assert len(ledger.known) <= 15
    assert len(ledger.counts) <= 6
    assert sum(noted.count for noted in ledger.refusals.values()) == 500
    assert sum(tally.refusals for tally in ledger.counts.values()) == 500


def test_past_the_budget_facts_are_left_out() -> None:
    ledger = Ledger()
    refusals = [
        refused(R.REDIRECT_URI_UNKNOWN, client_id=CLIENT, came=str(number))
        for number in range(folds.BURST + 30)
    ]
    keys = [note(ledger, refusal) for refusal in refusals]
    assert len(set(keys)) == folds.BURST + 1
    assert ledger.refusals[keys[-1]].facts == {}
    assert ledger.refusals[keys[-1]].count == 30
    # What was told apart stays so.
    assert note(ledger, refusals[0]) == keys[0]


def test_few_questions_wait_and_none_twice() -> None:
    ledger = Ledger()
    for number in range(30):
        question = Question(lambda _connection, _about: None, number % 10)
        note(ledger, refused(R.SECRET_WRONG, client_id=CLIENT, question=question))
    (noted,) = ledger.refusals.values()
    assert len(noted.questions) <= unwritten.MAXIMUM_QUESTIONS
    assert noted.count == 30


def test_what_could_not_be_written_is_added_to_what_came_since() -> None:
    ledger = Ledger()
    refusal = refused(R.SECRET_WRONG, client_id=CLIENT)
    note(ledger, refusal)
    refusals, counts = ledger.take()
    assert not ledger.refusals
    note(ledger, refusal)
    note(ledger, refused(R.CLIENT_MISSING))
    ledger.take_back(refusals.values(), counts)
    ledger.take_back([], {})
    assert sorted(noted.count for noted in ledger.refusals.values()) == [1, 2]
    assert sum(tally.refusals for tally in ledger.counts.values()) == 3


def test_one_share_does_not_fill_another() -> None:
    ledger = Ledger()
    for share in Share:
        came = [
            refused(R.CODE_VERIFIER, client_id=CLIENT, share=share, n=f"{share}{n}")
            for n in range(100)
        ]
        keys = {note(ledger, refusal) for refusal in came}
        assert len(keys) == folds._PACES[share][0] + 1
    coarse = [noted.facts for noted in ledger.refusals.values() if noted.count > 1]
    assert coarse == [{}, {"share": "foreign"}, {"share": "secrets"}]


def test_what_sets_apart_is_in_the_key_only() -> None:
    one, other = (
        refused(R.SECRET_WRONG, client_id=CLIENT, apart=apart, is_well_formed=True)
        for apart in ("a", "b")
    )
    assert keys_of(one)[0] != keys_of(other)[0]
    assert keys_of(one)[1:] == keys_of(other)[1:]
    assert one.facts == other.facts
