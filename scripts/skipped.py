"""Names the tests that a run skipped: `python scripts/skipped.py REPORT [WORD...]`.

With words, it fails when a skipped test speaks of one of them in its name or reason.
"""

# ruff: noqa: INP001 - a script beside the shell scripts, no package

import sys
import xml.etree.ElementTree as ET
from collections.abc import Iterator


def skipped(report: str) -> Iterator[tuple[str, str]]:
    """Yield name and reason of each skipped test in a JUnit report."""
    # The report is our own test run's.
    for case in ET.parse(report).iter("testcase"):  # noqa: S314
        reason = case.find("skipped")
        if reason is not None:
            name = f"{case.get('classname')}::{case.get('name')}"
            yield name, reason.get("message") or ""


def main(report: str, *words: str) -> int:
    """Print them; return 1 if one of them may not be skipped."""
    forbidden = 0
    for name, reason in skipped(report):
        sys.stdout.write(f"skipped: {name} ({reason})\n")
        text = f"{name} {reason}".lower()
        forbidden += any(word.lower() in text for word in words)
    if forbidden:
        sys.stdout.write(f"{forbidden} tests were skipped that must run here\n")
    return 1 if forbidden else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
