"""qmgr with its real queue directory and loop, among services that answer as we tell them."""

import contextlib
import os
import socket
import threading
import time
import tracemalloc
from types import SimpleNamespace

import pytest

from labctl.node.base import clock, sockets
from labctl.node.base.events import EventLoop
from labctl.node.mta.lib.config.main_cf import Config
from labctl.node.mta.lib.queue import queue_file
from labctl.node.mta.lib.queue.directory import QueueDirectory
from labctl.node.mta.lib.services import ipc
from labctl.node.mta.lib.services.delivery_request import DeliveryFlag
from labctl.node.mta.qmgr.service import QueueManager

COUNT = 200
QUEUES = ("incoming", "active", "deferred", "corrupt", "defer", "bounce", "trace", "private")


class Service:
    """A service of the mail system in a thread; it remembers what it was asked."""

    def __init__(self, path, answer, hello=None):
        self.asked, self._answer, self._hello = [], answer, hello
        self._listener = sockets.listen_unix(path)
        self._listener.setblocking(True)
        threading.Thread(target=self._accept, daemon=True).start()

    def close(self):
        # Closing alone would leave accept() waiting in its thread.
        with contextlib.suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()

    def _accept(self):
        with contextlib.suppress(OSError):
            while True:
                client = self._listener.accept()[0]
                threading.Thread(target=self._serve, args=(client,), daemon=True).start()

    def _serve(self, client):
        with client, contextlib.suppress(OSError, EOFError):
            if self._hello:
                ipc.send(client, self._hello)
            while True:
                pairs = ipc.receive(client)
                self.asked.append(pairs)
                ipc.send(client, self._answer(pairs))


class Memory(list):
    """A log that can be read."""

    def info(self, text):
        self.append(text)

    warning = info


class Site:
    """A queue directory with a qmgr."""

    def __init__(self, root, agent):
        for name in QUEUES:
            (root / name).mkdir()
        self.root, self.log, self.services = root, Memory(), []
        self.config = Config({"queue_directory": str(root), "hash_queue_names": ""})
        self.queues = QueueDirectory(self.config)
        self.rewrite = self.serve("rewrite", _resolve)
        self.agent = self.serve("agent", agent, hello={"ready": "1"})
        self.defer = self.serve("defer", lambda _pairs: {"status": "0"})
        self.retry = self.serve("retry", lambda _p: {"done": "0"}, hello={"ready": "1"})
        self.loop = EventLoop()
        self.qmgr = QueueManager(SimpleNamespace(config=self.config, log=self.log), self.loop)

    def serve(self, name, answer, hello=None):
        service = Service(str(self.root / "private" / name), answer, hello)
        self.services.append(service)
        return service

    def close(self):
        self.qmgr.close()
        self.loop.close()
        for service in self.services:
            service.close()

    def put(self, queue_id, queue="incoming", *, created=None, end=True, extra=b""):
        path = self.queues.path(queue, queue_id)
        with open(path, "wb") as file:
            file.write(_message(created or clock.now(), end=end, extra=extra))
        os.chmod(path, 0o700)

    def run_until(self, condition):
        deadline = time.monotonic() + 5
        while not condition():
            assert time.monotonic() < deadline, self.log
            self.loop.run_once(0.05)

    def where(self, queue_id):
        return self.queues.find(queue_id, ("incoming", "active", "deferred", "corrupt"))


def _resolve(pairs):
    route = {"transport": "agent", "nexthop": "example.test", "flags": "4096"}
    return route | {"recipient": pairs["address"]}


def _message(created, *, end, extra=b""):
    envelope = b"".join(
        [
            queue_file.encode(queue_file.TIME, str(int(created)).encode()),
            queue_file.encode(queue_file.FROM, b"ann@example.test"),
            extra,
            queue_file.encode(queue_file.RECIPIENT, b"bob@example.test"),
            queue_file.encode(queue_file.CONTENT),
        ]
    )
    content = queue_file.encode_lines(b"Subject: x\n\nhi\n")
    head = len(queue_file.encode_size(queue_file.Size(0, 0, 0, 0, 0, 0)))
    size = queue_file.Size(16, head + len(envelope), 1, 0, len(content), 0)
    tail = queue_file.encode(queue_file.EXTRACTED)
    tail += queue_file.encode(queue_file.END) if end else b""
    return queue_file.encode_size(size) + envelope + content + tail


@pytest.fixture
def site(tmp_path):
    made = []

    def make(agent):
        made.append(Site(tmp_path, agent))
        return made[0]

    yield make
    for one in made:
        one.close()


def _accept_and_die(path):
    os.unlink(path)
    listener = sockets.listen_unix(path)
    listener.setblocking(True)

    def hang_up():
        for _ in range(2):
            listener.accept()[0].close()
        listener.close()

    threading.Thread(target=hang_up, daemon=True).start()


def delivered(_pairs):
    return {"done": "1"}


def postponed(_pairs):
    return {"done": "0"}


def test_a_delivered_message_is_removed(site):
    """From incoming through the agent to nothing, with the two lines that everybody greps."""
    qmgr = site(delivered)
    qmgr.put("AAA")
    qmgr.qmgr.start()
    qmgr.run_until(lambda: qmgr.where("AAA") is None)

    assert qmgr.log == [
        "AAA: from=<ann@example.test>, size=16, nrcpt=1 (queue active)",
        "AAA: removed",
    ]
    assert qmgr.agent.asked[0]["queue_name"] == "active"


def test_a_postponed_message_waits_in_deferred_with_its_time(site):
    """The mtime is the next attempt: minimal_backoff_time for a young message."""
    qmgr = site(postponed)
    qmgr.put("AAA")
    qmgr.qmgr.start()
    qmgr.run_until(lambda: qmgr.where("AAA") == "deferred")

    due = os.stat(qmgr.queues.path("deferred", "AAA")).st_mtime
    assert 290 < due - clock.now() <= 300


def test_an_old_message_goes_back_to_its_sender(site):
    """Five days are enough: defer(8) makes the report of what it remembers."""
    qmgr = site(postponed)
    qmgr.put("AAA", created=clock.now() - 6 * 86400)
    qmgr.qmgr.start()
    qmgr.run_until(lambda: qmgr.where("AAA") is None)

    assert "AAA: from=<ann@example.test>, status=expired, returned to sender" in qmgr.log
    assert qmgr.defer.asked[0]["request"] == "flush"


def test_what_a_crash_left_in_active_is_delivered(site):
    """Nothing that was acknowledged may be lost."""
    qmgr = site(delivered)
    qmgr.put("AAA", "active")
    qmgr.qmgr.start()
    qmgr.run_until(lambda: qmgr.where("AAA") is None)

    assert "AAA: removed" in qmgr.log


def test_what_a_predecessor_had_put_off_stays_put_off(site):
    """It died between the time and the rename; in incoming nobody would look at that time."""
    node = site(delivered)
    node.put("C0FFEE", "active")
    later = clock.now() + 300
    os.utime(node.queues.path("active", "C0FFEE"), (later, later))
    node.qmgr.start()

    assert node.where("C0FFEE") == "deferred"


def test_a_corrupt_file_is_set_aside_and_stops_nobody(site):
    """One bad file in a thousand is one problem, not a thousand."""
    qmgr = site(delivered)
    qmgr.put("BAD", end=False)
    qmgr.put("AAA")
    qmgr.qmgr.start()
    qmgr.run_until(lambda: qmgr.where("AAA") is None)

    assert qmgr.where("BAD") == "corrupt"


def test_an_agent_that_dies_puts_its_transport_out_of_order(site):
    """The message waits, and the log says where to look."""

    def die(_pairs):
        raise EOFError

    qmgr = site(die)
    qmgr.put("AAA")
    qmgr.qmgr.start()
    qmgr.run_until(lambda: qmgr.where("AAA") == "deferred")
    qmgr.put("BBB")
    qmgr.qmgr.trigger(b"I")
    qmgr.run_until(lambda: qmgr.where("BBB") == "deferred")

    assert "private/agent socket: malformed response" in qmgr.log
    assert qmgr.retry.asked[0]["nexthop"] == "4.3.0 unknown mail transport error"


def test_an_agent_that_cannot_begin_leaves_its_message_for_later(site):
    """It has accepted us and has died: the message must not stay where nobody looks."""
    qmgr = site(delivered)
    qmgr.agent.close()
    _accept_and_die(str(qmgr.root / "private" / "agent"))
    qmgr.put("AAA")
    qmgr.put("BBB")
    qmgr.qmgr.start()
    qmgr.run_until(lambda: {qmgr.where("AAA"), qmgr.where("BBB")} == {"deferred"})

    assert qmgr.log.count("private/agent socket: malformed response") == 2
    assert not qmgr.retry.asked


def test_a_bounce_that_cannot_be_sent_keeps_the_message(site):
    """Otherwise nobody would ever hear that the mail was not delivered."""
    node = site(delivered)
    node.serve("bounce", lambda _pairs: {"status": "1"})
    (node.root / "bounce" / "AAA").touch()
    node.put("AAA")
    node.qmgr.start()
    node.run_until(lambda: node.where("AAA") == "deferred")

    assert "AAA: status=deferred (bounce failed)" in node.log


def test_probes_may_go_other_ways_than_mail(site):
    """postconf(5) address_verify_default_transport and its like have no effect otherwise."""
    qmgr = site(delivered)
    flags = str(int(DeliveryFlag.VERIFY_MTA))
    qmgr.put("AAA", extra=queue_file.encode_attribute("trace_flags", flags))
    qmgr.put("BBB")
    qmgr.qmgr.start()
    qmgr.run_until(lambda: qmgr.where("AAA") is None and qmgr.where("BBB") is None)

    assert {pairs["request"] for pairs in qmgr.rewrite.asked} == {"verify", "resolve"}


def test_a_flush_tries_deferred_mail_before_its_time(site):
    """postqueue -f: F, A and D."""
    answers = iter([{"done": "0"}, {"done": "1"}])
    qmgr = site(lambda _pairs: next(answers))
    qmgr.put("AAA")
    qmgr.qmgr.start()
    qmgr.run_until(lambda: qmgr.where("AAA") == "deferred")
    qmgr.qmgr.trigger(b"FAD")
    qmgr.run_until(lambda: qmgr.where("AAA") is None)

    assert len(qmgr.agent.asked) == 2


def test_a_waiting_message_costs_little_memory(site):
    """A hundred thousand in the queue, of which 20,000 are active: no more than 1 kB each."""
    answer = threading.Event()
    node = site(lambda _pairs: answer.wait() and {"done": "1"})
    for number in range(COUNT):
        node.put(f"{0xC0FFEE00 + number:X}")
    tracemalloc.start()
    before = tracemalloc.get_traced_memory()[0]
    node.qmgr.start()
    node.run_until(lambda: len(node.qmgr.active) == COUNT)
    used = tracemalloc.get_traced_memory()[0] - before
    tracemalloc.stop()
    answer.set()

    assert used / COUNT < 5 * 1024


def test_what_exceeds_the_active_limit_stays_where_it_is(site, monkeypatch):
    """postconf(5) qmgr_message_active_limit: a million messages need not fit in memory."""
    answer = threading.Event()
    node = site(lambda _pairs: answer.wait() and {"done": "1"})
    monkeypatch.setattr(node.qmgr.active, "_limit", 3)
    for number in range(10):
        node.put(f"{0xC0FFEE00 + number:X}")
    node.qmgr.start()
    node.run_until(lambda: len(node.qmgr.active) == 3)
    assert len(list(node.queues.scan("incoming"))) == 7

    answer.set()
    node.run_until(lambda: not list(node.queues.scan("incoming")))


def test_each_recipient_of_a_mailing_list_sees_a_sender_of_its_own(site):
    """VERP: who bounces is named by the address that the bounce comes to."""
    node = site(delivered)
    node.put("C0FFEE", extra=queue_file.encode(queue_file.VERP, b"+="))
    node.qmgr.start()
    node.run_until(lambda: node.where("C0FFEE") is None)

    assert [request["sender"] for request in node.agent.asked] == [
        "ann+bob=example.test@example.test"
    ]


def test_a_transport_with_a_rate_pauses_before_each_delivery(site):
    """postconf(5) default_transport_rate_delay, also before the first one."""
    node = site(delivered)
    line = node.qmgr.active.transports.line("agent")
    line.transport.policy = line.transport.policy._replace(transport_rate_delay=0.2)
    for queue_id in ("C0FFEE", "C0FFEF"):
        node.put(queue_id)
    began = time.monotonic()
    node.qmgr.start()
    node.run_until(lambda: node.where("C0FFEE") is None and node.where("C0FFEF") is None)

    assert time.monotonic() - began > 0.39
