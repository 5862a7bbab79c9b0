"""The documents are true where a machine can tell: links lead somewhere, named tests exist, settings are all there."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from relevo.settings import Settings

ROOT = Path(__file__).parents[1]
DOCUMENTS = [*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md")]


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: str(path.relative_to(ROOT)))
def test_every_link_leads_somewhere(document: Path) -> None:
    links = re.findall(r"\]\(([^)#]+)(?:#[^)]*)?\)", document.read_text())
    broken = [link for link in links if not link.startswith("http") and not (document.parent / link).exists()]
    assert broken == []


def test_every_promise_names_tests_that_exist() -> None:
    rows = [line for line in (ROOT / "README.md").read_text().splitlines() if "](tests/" in line]
    assert len(rows) > 10
    for row in rows:
        files = [(ROOT / link).read_text() for link in re.findall(r"\]\((tests/[^)]+)\)", row)]
        for name in re.findall(r"`(test_\w+)`", row):
            assert any(f"def {name}(" in text for text in files), name


def test_every_setting_is_explained() -> None:
    explained = (ROOT / "docs" / "operations.md").read_text()
    missing = [name for name in Settings.model_fields if f"RELEVO_{name.upper()}" not in explained]
    assert missing == []
