"""A service of pipe(8) that master.cf describes wrongly, and who learns of it when."""

import os
import threading

import pytest

from labctl.node.base import sockets
from labctl.node.base.log import Fatal, Log
from labctl.node.mta.lib.config.main_cf import Config
from labctl.node.mta.lib.daemon.server import Kind, Limits, ServiceContext
from labctl.node.mta.pipe.service import serve


def test_a_mistake_in_master_cf_is_fatal_only_once_qmgr_has_been_accepted(tmp_path):
    """qmgr sees the connection end and defers; from a full line it would never be let go."""
    path = str(tmp_path / "pipe")
    listener = sockets.listen_unix(path)
    context = ServiceContext(
        program="pipe",
        service="pipe",
        kind=Kind.UNIX,
        arguments=("user=no such user", "argv=/bin/cat"),
        config=Config({"queue_directory": str(tmp_path)}),
        listeners=[listener],
        log=Log("pipe", path=os.devnull),
        limits=Limits(max_use=1, max_idle=5),
    )
    heard = []

    def qmgr():
        with sockets.connect_unix(path, timeout=5) as connection:
            heard.append(connection.recv(100))

    client = threading.Thread(target=qmgr)
    client.start()
    with listener, pytest.raises(Fatal, match="unknown username"):
        serve(context)
    client.join(5)

    assert heard == [b""]
