"""What comsat hears of new mail."""

import socket

from labctl.node.mta.local.destinations import biff


def test_whoever_listens_learns_where_the_new_message_begins(tmp_path, monkeypatch):
    """comsat(8) shows the first lines of the message on the user's terminal."""
    mailbox = tmp_path / "ann"
    mailbox.write_bytes(b"x" * 100)
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as comsat:
        comsat.bind(("127.0.0.1", 0))
        comsat.settimeout(5)
        monkeypatch.setattr(biff, "COMSAT", comsat.getsockname())
        biff.notify("ann", str(mailbox), 40)

        assert comsat.recv(100) == b"ann@60\0"


def test_nobody_at_home_is_no_failure(tmp_path):
    """The mail is in the mailbox, and that is what counts."""
    biff.notify("ann", str(tmp_path / "missing"), 40)
