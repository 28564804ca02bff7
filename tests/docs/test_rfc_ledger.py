"""docs/rfc.toml: what is cited has a row, and a row names tests that exist."""

import re
import tomllib
from pathlib import Path

ROOT = Path(__file__).parents[2]
LEDGER = tomllib.loads((ROOT / "docs/rfc.toml").read_text())


def cited() -> dict[str, set[str]]:
    """RFC -> the folders whose code cites it."""
    found: dict[str, set[str]] = {}
    for path in (ROOT / "labctl").rglob("*.py"):
        for number in re.findall(r"RFC (\d{3,4})\b", path.read_text()):
            found.setdefault(f"rfc{number}", set()).add(str(path.parent.relative_to(ROOT)))
    return found


def test_every_rfc_that_is_cited_has_a_row():
    """A reader of the ledger trusts that it is complete, and where to look."""
    assert {key: sorted(value) for key, value in cited().items()} == {
        key: sorted(row["obeyed_in"]) for key, row in LEDGER.items()
    }


def test_every_row_names_tests_that_exist():
    """What an RFC asks of us is tested, not only cited."""
    missing = [
        name for row in LEDGER.values() for name in row["tests"] if not (ROOT / name).exists()
    ]

    assert missing == []
    assert [key for key, row in LEDGER.items() if not row["tests"]] == []
