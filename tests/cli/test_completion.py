"""What a shell offers after TAB."""

import os
import subprocess
import sys

from labctl.cli import completing


def offered(line: str, **environment: str) -> list[str]:
    """Ask labctl as bash does."""
    asked = {
        "_LABCTL_COMPLETE": "complete_bash",
        "COMP_WORDS": line,
        "COMP_CWORD": str(len(line.split(" ")) - 1),
    }
    done = subprocess.run(
        [sys.executable, "-m", "labctl"],
        env={**os.environ, **asked, **environment},
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    return done.stdout.split()


def test_shipped_topologies_are_offered():
    """Who types "labctl up " wants to know what there is."""
    assert {"access", "autoresponder"} <= set(offered("labctl up a"))


def test_files_are_offered_as_they_are_typed(tmp_path):
    """One's own topologies are files."""
    (tmp_path / "mine.yml").touch()
    (tmp_path / "notes.txt").touch()
    (tmp_path / "more").mkdir()

    assert completing.topologies(f"{tmp_path}/m") == [
        f"{tmp_path}/mine.yml",
        f"{tmp_path}/more/",
    ]


def test_a_lab_that_does_not_run_has_no_nodes_to_offer():
    """A prompt is no place for an error message."""
    assert offered("labctl shell --lab no-such-lab x") == []
