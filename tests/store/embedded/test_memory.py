"""The server's share of memory follows the machine, and the container's limit where there is one."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest

from relevo.store.embedded.memory import MIB, available_memory, memory_settings

if TYPE_CHECKING:
    from pathlib import Path

ALL = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")


@pytest.mark.parametrize(("limit", "memory"), [("268435456\n", 256 * MIB), ("max\n", ALL), ("", ALL)])
def test_a_containers_limit_counts_where_it_is_less(tmp_path: Path, limit: str, memory: int) -> None:
    file = tmp_path / "memory.max"
    file.write_text(limit)
    assert available_memory((tmp_path / "none", file)) == memory


@pytest.mark.parametrize(
    ("memory", "buffers", "cache"), [(512, 128, 512), (2048, 256, 1024), (8192, 1024, 4096), (65536, 1024, 32768)]
)
def test_buffers_are_an_eighth_within_bounds(memory: int, buffers: int, cache: int) -> None:
    assert memory_settings(memory * MIB) == f"shared_buffers = {buffers}MB\neffective_cache_size = {cache}MB\n"
