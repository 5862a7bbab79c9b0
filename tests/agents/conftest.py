"""Agents of the bundled playbooks, loaded once: fitting the reader is the slow part."""

from __future__ import annotations

import pytest

from relevo.agents.engine import PlaybookAgent, load_agent


@pytest.fixture(scope="session")
def tostadora() -> PlaybookAgent:
    return load_agent("tostadora", examples=True)


@pytest.fixture(scope="session")
def somnio() -> PlaybookAgent:
    return load_agent("somnio", examples=True)
