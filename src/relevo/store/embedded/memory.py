"""How much of the machine's memory the server may count on. Reads what the kernel says; sets nothing."""

from __future__ import annotations

import os
from pathlib import Path

MIB = 1024**2
LEAST, MOST = 128, 1024
"""MiB of shared buffers on a small machine, and where more of them stop to pay."""
_LIMITS = (Path("/sys/fs/cgroup/memory.max"), Path("/sys/fs/cgroup/memory/memory.limit_in_bytes"))


def available_memory(limits: tuple[Path, ...] = _LIMITS) -> int:
    """Return bytes of memory: the machine's, or the container's limit where that is less."""
    found = [os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")]
    for path in limits:
        try:
            found.append(int(path.read_text(encoding="ascii")))
        except (OSError, ValueError):  # no such limit, or "max"
            continue
    return min(found)


def memory_settings(memory: int) -> str:
    """Return the lines of a configuration for a server on `memory` bytes, which it shares with Relevo and the rest."""
    buffers = max(LEAST, min(memory // 8 // MIB, MOST))
    return f"shared_buffers = {buffers}MB\neffective_cache_size = {max(4 * LEAST, memory // 2 // MIB)}MB\n"
