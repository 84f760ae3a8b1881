"""Many requests at one moment against a served product."""

import threading
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

T = TypeVar("T")


def at_once(tries: Sequence[Callable[[], T]]) -> list[T]:
    """Run every try in a thread of its own, released together; return the results."""
    barrier = threading.Barrier(len(tries))

    def run(attempt: Callable[[], T]) -> T:
        barrier.wait(timeout=30)
        return attempt()

    with ThreadPoolExecutor(len(tries)) as pool:
        return list(pool.map(run, tries))
