"""Which refusals are told apart, and how many different ones may be new."""

import json
import re
import uuid
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from app import digests
from app.traffic.models import NO_CLIENT
from app.traffic.reasons import Endpoint, Refusal, Share

#: New rows that each client, and everybody without one, may cause at once, and how
#: many seconds it takes until there may be another.
BURST, SECONDS_EACH = 40, 60.0
BURST_FOREIGN, SECONDS_EACH_FOREIGN = 20, 1800.0
BURST_SECRETS, SECONDS_EACH_SECRET = 5, 86_400.0
BURST_UNKNOWN, SECONDS_EACH_UNKNOWN = 80, 20.0
_PACES = {
    Share.USUAL: (BURST, SECONDS_EACH),
    Share.FOREIGN: (BURST_FOREIGN, SECONDS_EACH_FOREIGN),
    Share.SECRETS: (BURST_SECRETS, SECONDS_EACH_SECRET),
}
_REFERENCE = re.compile(r"([0-9a-f]{12})-([0-9a-f]{12})")
#: Clients whose budget is remembered; beyond, all begin anew.
MAXIMUM_BUDGETS = 10_000


def fold_key(
    *,
    secret_key: str,
    endpoint: Endpoint,
    reason: str,
    client_id: uuid.UUID | None,
    facts: Mapping[str, Any],
    apart: str = "",
) -> str:
    """Return what is the same for all refusals that are shown as one."""
    parts = [endpoint, reason, str(client_id or ""), facts, *filter(None, [apart])]
    return digests.fold(
        secret_key=secret_key, parts=json.dumps(parts, sort_keys=True, default=str)
    )


def fold_keys(
    refusal: Refusal, *, secret_key: str, endpoint: Endpoint
) -> tuple[str, str, str]:
    """Return the keys of a refusal, finest first.

    With its facts, with those of its share only, and without its client too.
    """

    def key(
        client_id: uuid.UUID | None, facts: Mapping[str, Any], apart: str = ""
    ) -> str:
        return fold_key(
            secret_key=secret_key,
            endpoint=endpoint,
            reason=refusal.reason,
            client_id=client_id,
            facts=facts,
            apart=apart,
        )

    finest = key(refusal.client_id, refusal.facts, refusal.apart)
    coarse = finest
    if refusal.facts:
        coarse = key(refusal.client_id, coarse_facts(refusal))
    return finest, coarse, key(None, {}) if refusal.client_id else coarse


def coarse_facts(refusal: Refusal) -> dict[str, Any]:
    """Return what is kept of refusals that there is no room to tell apart."""
    return {} if refusal.share == Share.USUAL else {"share": str(refusal.share)}


def key_behind(reference: str, *, secret_key: str) -> str | None:
    """Return the key of the row that a refusal's reference id leads to, or null."""
    parts = _REFERENCE.fullmatch(reference.lower())
    if parts is None:
        return None
    return digests.mask(parts[1], secret_key=secret_key, salt=parts[2])


class Budget:
    """How many new rows may still be caused, by client; not safe between threads."""

    def __init__(self) -> None:
        self._left: dict[tuple[uuid.UUID, Share], tuple[float, datetime]] = {}

    def take(
        self, client_id: uuid.UUID | None, now: datetime, share: Share = Share.USUAL
    ) -> bool:
        """Take one new row of a share if there is one left; tell whether there was."""
        burst, each = (
            _PACES[share] if client_id else (BURST_UNKNOWN, SECONDS_EACH_UNKNOWN)
        )
        whose = client_id or NO_CLIENT, share
        if len(self._left) >= MAXIMUM_BUDGETS and whose not in self._left:
            self._left.clear()
        left, since = self._left.get(whose, (float(burst), now))
        left = min(burst, left + max(0.0, (now - since).total_seconds()) / each)
        if left < 1:
            self._left[whose] = (left, now)
            return False
        self._left[whose] = (left - 1, now)
        return True
