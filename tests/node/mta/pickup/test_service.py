"""pickup and what cleanup answers."""

import contextlib
import socket
import threading

import pytest

from labctl.node.base import sockets
from labctl.node.base.log import Log
from labctl.node.mta.lib.config.main_cf import Config
from labctl.node.mta.lib.queue import queue_file
from labctl.node.mta.lib.services import ipc
from labctl.node.mta.lib.services.cleanup import Stat
from labctl.node.mta.pickup import service
from labctl.node.mta.pickup.drop_file import Drop

CONTENT = queue_file.encode(queue_file.NORMAL, b"hi")


def answering(path: str, status: Stat) -> socket.socket:
    """A cleanup that takes one message and says what became of it."""
    listener = sockets.listen_unix(path)
    listener.setblocking(True)

    def take() -> None:
        with listener.accept()[0] as client, contextlib.suppress(OSError):
            ipc.receive(client)
            ipc.send(client, {"queue_id": "C0FFEE"})
            data = b""
            while not data.endswith(queue_file.encode(queue_file.END)):
                data += client.recv(65536)
            ipc.send(client, {"status": str(int(status)), "reason": "4.7.1 not now"})

    threading.Thread(target=take, daemon=True).start()
    return listener


@pytest.mark.parametrize(
    ("status", "complaint"),
    [
        pytest.param(Stat.DEFER, "", id="a check said so"),
        pytest.param(Stat.WRITE, "error writing C0FFEE: 4.7.1 not now", id="no room"),
    ],
)
def test_mail_that_is_put_off_stays_and_only_trouble_is_told(tmp_path, status, complaint):
    """A REJECT with a 4.x.x code is logged by cleanup; a warning would blame the disk."""
    (tmp_path / "public").mkdir()
    config = Config({"queue_directory": str(tmp_path), "myhostname": "mx.example.test"})
    log = tmp_path / "log"
    with answering(str(tmp_path / "public/cleanup"), status):
        drop = Drop(0, 1.0, (), CONTENT)
        done = service.submit(config, Log("pickup", path=str(log)), drop, "D0D0")

    assert not done
    assert ("warning: maildrop/D0D0" in log.read_text()) is bool(complaint)
    assert complaint in log.read_text()
