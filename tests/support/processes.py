"""What a process and its children have cost, read from /proc."""

import os
from collections.abc import Iterable
from pathlib import Path

TICKS_PER_SECOND = os.sysconf("SC_CLK_TCK")


def family(process_id: int) -> list[int]:
    """Return the process and all that descend from it."""
    parents: dict[int, int] = {}
    for folder in Path("/proc").iterdir():
        if folder.name.isdigit():
            fields = _stat(int(folder.name))
            if fields:
                parents[int(folder.name)] = int(fields[1])
    found = [process_id]
    for parent in found:
        found += [child for child, its in parents.items() if its == parent]
    return found


def cpu_seconds(process_ids: Iterable[int]) -> float:
    """Return the CPU time, user and system, that the processes have used so far."""
    ticks = 0
    for process_id in process_ids:
        fields = _stat(process_id)
        if fields:
            ticks += int(fields[11]) + int(fields[12])
    return ticks / TICKS_PER_SECOND


def _stat(process_id: int) -> list[str]:
    """Return the fields of /proc/<pid>/stat that follow the command's name."""
    try:
        text = Path(f"/proc/{process_id}/stat").read_text(encoding="utf-8")
    except OSError:
        return []
    return text.rpartition(")")[2].split()
