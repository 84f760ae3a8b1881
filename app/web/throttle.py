"""Throttles by the address that requests come from, kept where Flask-Limiter counts."""

import logging
import time

from flask import request
from limits import parse
from limits.errors import StorageError
from werkzeug.exceptions import TooManyRequests

from app.extensions import limiter

log = logging.getLogger(__name__)


def throttle(purpose: str, limit: str) -> None:
    """Count this request against `limit` (such as `60 per minute`) for its address.

    Past it TooManyRequests (429) is raised with the seconds to wait. Where the storage
    cannot be reached the request goes through and the log says so: a throttle that is
    down must not lock everybody out.
    """
    if not limiter.enabled:
        return
    item, address = parse(limit), request.remote_addr or ""
    try:
        if limiter.limiter.hit(item, purpose, address):
            return
        window = limiter.limiter.get_window_stats(item, purpose, address)
    except StorageError:
        log.exception("the storage of throttles cannot be reached")
        return
    wait = max(1, round(window.reset_time - time.time()))
    raise TooManyRequests(retry_after=wait)
