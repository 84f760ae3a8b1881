"""Throttles by the address that requests come from, kept where Flask-Limiter counts."""

import logging
import time
from ipaddress import IPv6Address, ip_address, ip_network
from typing import Literal

from flask import request
from limits import parse
from limits.errors import StorageError
from werkzeug.exceptions import TooManyRequests

from app.extensions import limiter

log = logging.getLogger(__name__)
#: What one subscriber is given of IPv6: its addresses count as one source.
SITE_BITS = 64


def throttle(purpose: str, limit: str) -> None:
    """Count this request against `limit` (such as `60 per minute`) for its source.

    Past it TooManyRequests (429) is raised with the seconds to wait. Where the storage
    cannot be reached the request goes through and the log says so: a throttle that is
    down must not lock everybody out.
    """
    _refuse_for(_seconds_to_wait("hit", purpose, limit))


def check_throttle(purpose: str, limit: str) -> None:
    """Raise as `throttle` does where nothing is left of `limit`; count nothing."""
    _refuse_for(_seconds_to_wait("test", purpose, limit))


def count_against(purpose: str, limit: str) -> None:
    """Count this request for its source; the next `check_throttle` judges by it."""
    _seconds_to_wait("hit", purpose, limit)


def _seconds_to_wait(question: Literal["hit", "test"], purpose: str, limit: str) -> int:
    """Return how long to wait where the limit is reached, otherwise 0.

    Where throttles are off there is nothing to ask.
    """
    if not limiter.enabled:
        return 0
    item, source = parse(limit), _source()
    try:
        if getattr(limiter.limiter, question)(item, purpose, source):
            return 0
        window = limiter.limiter.get_window_stats(item, purpose, source)
    except StorageError:
        log.exception("the storage of throttles cannot be reached")
        return 0
    return max(1, round(window.reset_time - time.time()))


def _refuse_for(seconds: int) -> None:
    if seconds:
        raise TooManyRequests(retry_after=seconds)


def _source() -> str:
    """Return the address of this request's source, or its network where that is IPv6.

    Whoever has one address of such a network has all of them.
    """
    try:
        address = ip_address(request.remote_addr or "")
    except ValueError:
        return request.remote_addr or ""
    if not isinstance(address, IPv6Address):
        return str(address)
    if address.ipv4_mapped:
        return str(address.ipv4_mapped)
    return str(ip_network((int(address), SITE_BITS), strict=False))
