"""postkick(1): a request reaches its service, or somebody hears that it did not."""

from __future__ import annotations

import pytest

from labctl.node.base import sockets
from labctl.node.base.log import Fatal
from labctl.node.mta.commands import postkick


@pytest.fixture
def directory(tmp_path):
    (tmp_path / "public").mkdir()
    (tmp_path / "main.cf").write_text(f"queue_directory = {tmp_path}\n")
    return tmp_path


def test_a_request_reaches_its_service(directory):
    """Scripts wake the queue manager with it."""
    with sockets.listen_unix(str(directory / "public" / "qmgr")) as listener:
        assert postkick.main(["postkick", "-c", str(directory), "public", "qmgr", "IW"]) == 0
        client = sockets.accept(listener)
        assert client is not None
        with client:
            assert client.recv(10) == b"IW"


def test_nobody_there_is_a_failure(directory, capsys):
    """The words are those of Postfix."""
    assert postkick.main(["postkick", "-c", str(directory), "public", "qmgr", "I"]) == 1
    assert capsys.readouterr().err == (
        "postkick: warning: unable to look up public/qmgr: No such file or directory\n"
        "postkick: warning: Cannot contact class public service qmgr - "
        "perhaps the mail system is down\n"
    )


def test_three_words_are_needed():
    """Otherwise nobody knows whom to kick."""
    with pytest.raises(Fatal, match="usage: postkick"):
        postkick.main(["postkick", "public"])
