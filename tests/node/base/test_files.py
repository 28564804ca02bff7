"""Files are whole or not there."""

from __future__ import annotations

import pytest

from labctl.node.base import files


def test_a_file_is_replaced_as_a_whole(tmp_path):
    """A reader of a table must never see half of it."""
    path = tmp_path / "table"
    path.write_text("old")
    files.write_atomically(path, b"new", mode=0o640)

    assert path.read_text() == "new"
    assert path.stat().st_mode & 0o777 == 0o640
    assert [entry.name for entry in tmp_path.iterdir()] == ["table"]


def test_a_failure_leaves_the_old_file(tmp_path, monkeypatch):
    """A full disk must not cost the configuration."""
    path = tmp_path / "table"
    path.write_text("old")
    monkeypatch.setattr(files.os, "fsync", _fail)
    with pytest.raises(OSError, match="disk"):
        files.write_atomically(path, b"new")

    assert path.read_text() == "old"
    assert [entry.name for entry in tmp_path.iterdir()] == ["table"]


def _fail(_descriptor):
    raise OSError("disk full")


def test_a_file_that_is_not_there_is_no_error(tmp_path):
    """Many files of a node are optional."""
    assert files.read_if_there(tmp_path / "no") is None
    assert files.unlink_if_there(tmp_path / "no") is False
