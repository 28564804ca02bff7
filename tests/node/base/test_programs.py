"""The table of programs: names lead to modules, and a wrong name to a clear message."""

from __future__ import annotations

import pytest

from labctl.node.base import programs


def test_a_program_is_found_by_its_name():
    """init forks what the table says, so the table must lead somewhere."""
    module = programs.load("syslogd")

    assert callable(module.main)


def test_an_unknown_name_is_no_traceback():
    """A student mistypes a daemon in master.cf and must be able to read the answer."""
    with pytest.raises(programs.UnknownProgram, match="nosuch: no such program"):
        programs.load("nosuch")


def test_a_program_that_is_not_there_yet_says_so(monkeypatch):
    """Unfinished programs answer with an error, not with a traceback."""
    monkeypatch.setattr(programs, "PROGRAMS", {"ghost": "labctl.node.ghost.program"})

    with pytest.raises(programs.UnknownProgram, match="not there yet"):
        programs.load("ghost")


def test_a_defect_inside_a_program_is_not_hidden(monkeypatch, tmp_path):
    """A missing import of a program's own must be seen as what it is."""
    (tmp_path / "broken_program.py").write_text("import no_such_module_anywhere\n")
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.setattr(programs, "PROGRAMS", {"broken": "broken_program"})

    with pytest.raises(ModuleNotFoundError, match="no_such_module_anywhere"):
        programs.load("broken")


def test_every_link_of_an_image_leads_to_a_known_program():
    """A link to nothing would only be noticed by whoever types its name."""
    known = {*programs.PROGRAMS, *programs.DAEMONS}

    assert set(programs.COMMANDS.values()) <= known
