"""`init reload NAME`: a request to the init of the node, and its answer."""

from __future__ import annotations

import threading

from labctl.node.base.events import EventLoop
from labctl.node.init import control


def ask(tmp_path, answer):
    """Ask an init that answers so; (exit status, what it was asked)."""
    loop, asked = EventLoop(), []

    def obey(words):
        asked.append(list(words))
        loop.stop()
        return answer

    listener = control.listen(loop, obey, tmp_path / "run" / "init")
    thread = threading.Thread(target=loop.run)
    thread.start()
    status = control.ask(["reload", "postfix"], tmp_path / "run" / "init")
    thread.join(5)
    listener.close()
    loop.close()
    return status, asked


def test_a_request_that_is_obeyed_succeeds(tmp_path):
    """The engine goes by the exit status."""
    assert ask(tmp_path, "") == (0, [["reload", "postfix"]])


def test_a_refusal_is_shown(tmp_path, capsys):
    """The reason has to reach whoever typed the command."""
    assert ask(tmp_path, "no service is called 'postfix'")[0] == 1
    assert capsys.readouterr().err == "init: no service is called 'postfix'\n"


def test_without_init_there_is_an_answer_too(tmp_path, capsys):
    """An idle container has no init."""
    assert control.ask(["reload", "postfix"], tmp_path / "init") == 1
    assert "no init answers" in capsys.readouterr().err
