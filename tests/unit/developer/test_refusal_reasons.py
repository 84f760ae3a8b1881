"""Every reason is told, and every telling is of a reason."""

import uuid
from datetime import UTC, datetime

import pytest

from app.developer.reasons.explanations import (
    ENDPOINTS,
    details_of,
    findings_of,
    text_of,
)
from app.developer.reasons.facts import ENDED
from app.developer.reasons.texts import GROUPS, TEXTS
from app.tokens import endings, refusals
from app.traffic.findings import Finding, Found
from app.traffic.models import RefusedRequest
from app.traffic.reasons import Endpoint, RefusalReason

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)


def test_every_reason_says_what_happened_and_what_to_do() -> None:
    assert set(TEXTS) == set(RefusalReason)
    for text in TEXTS.values():
        assert text.what.endswith(".")
        assert text.advice.endswith(".")
        assert text.what[0].isupper()
        assert text.advice[0].isupper()


def test_no_two_reasons_say_the_same() -> None:
    assert len({text.what for text in TEXTS.values()}) == len(TEXTS)


def test_every_reason_is_of_one_group() -> None:
    sorted_in = [reason for group in GROUPS.values() for reason in group.texts]
    assert len(sorted_in) == len(set(sorted_in))
    assert set(sorted_in) == set(RefusalReason)


def test_a_reason_of_another_version_is_told_too() -> None:
    row = RefusedRequest(reason="of_another_version", facts={}, findings=[])
    assert text_of(row).what == "The request was refused."
    assert details_of(row) == []


def test_every_end_of_a_token_is_told() -> None:
    ends = {
        value
        for module in (endings, refusals)
        for name, value in vars(module).items()
        if name.isupper() and isinstance(value, str)
    }
    assert endings.REVOKED in ends
    assert set(ENDED) == ends


def of_secret(found: Found) -> tuple[RefusalReason, Finding]:
    return RefusalReason.SECRET_WRONG, Finding(
        what=found, hint="ab12", app="Other", ended_at=NOON
    )


def of_client(found: Found) -> tuple[RefusalReason, Finding]:
    return RefusalReason.CLIENT_UNKNOWN, Finding(what=found, client_id=uuid.uuid4())


@pytest.mark.parametrize(
    ("reason", "finding", "words"),
    [
        (*of_client(Found.MISSPELT), "spelled differently"),
        (*of_client(Found.NAME), "the name of this app"),
        (*of_secret(Found.OF_ANOTHER), "belongs to Other"),
        (*of_secret(Found.REVOKED), "which was revoked"),
        (*of_secret(Found.EXPIRED), "which expired"),
        (RefusalReason.TOKEN_ENDED, Finding(what=endings.DELETED), "in the trash"),
    ],
)
def test_a_finding_is_told_as_it_was_kept(
    reason: RefusalReason, finding: Finding, words: str
) -> None:
    kept = finding.kept(at=NOON)
    assert Finding.of(kept) == finding
    row = RefusedRequest(reason=reason, facts={}, findings=[kept])
    ((told, at),) = findings_of(row)
    assert words in told
    assert at == (NOON if "which" in words else None)


@pytest.mark.parametrize(
    ("found", "what"),
    [(Found.DISABLED, "The app was disabled."), (Found.DELETED, "The app was in the")],
)
def test_an_app_that_is_off_is_told_as_such(found: Found, what: str) -> None:
    _, finding = of_client(found)
    row = RefusedRequest(
        reason=RefusalReason.CLIENT_UNKNOWN, facts={}, findings=[finding.kept(at=NOON)]
    )
    assert text_of(row).what.startswith(what)
    assert findings_of(row) == []


def test_every_endpoint_has_words() -> None:
    assert set(ENDPOINTS) == set(Endpoint)


def test_reasons_fit_their_column() -> None:
    assert max(map(len, RefusalReason)) <= 48
    assert max(map(len, Endpoint)) <= 16
