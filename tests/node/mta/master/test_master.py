"""The mail system as processes: started on demand, reused, reloaded, throttled, stopped."""

from __future__ import annotations

import contextlib
import os
import signal
import socket
import time
from pathlib import Path

import pytest

from labctl.node.base import accounts, processes, programs, sockets
from labctl.node.base.log import Log
from labctl.node.mta.lib.config.main_cf import Config
from labctl.node.mta.lib.daemon import mail_system
from labctl.node.mta.lib.queue import subdirectories
from labctl.node.mta.lib.services import ipc
from labctl.node.mta.master import program

PATIENCE = 5.0

DAEMON = """
import os
from labctl.node.base.log import Fatal
from labctl.node.mta.lib.daemon import server
from labctl.node.mta.lib.services import ipc

def answer(context, connection):
    ipc.receive(connection)
    ipc.send(connection, {
        "pid": str(os.getpid()),
        "myhostname": context.config.text("myhostname"),
        "service": context.service,
        "name": context.config.text("syslog_name"),
    })
    connection.recv(1)

def serve(context):
    if context.program == "bad":
        raise Fatal("I am not well")
    if context.program == "sleeper":
        server.serve_triggers(context, lambda data: context.log.info(f"woken by {data!r}"))
        return
    server.serve_single(context, lambda connection: answer(context, connection))
"""

MASTER_CF = """\
echo    unix n n n - - echo
one     unix n n n - 1 echo -o syslog_name=test/$service_name
bad     unix n n n - - bad
nosuch  unix n n n - - nosuch
sleeper unix n n n 1000 1 sleeper
"""


@pytest.fixture
def system(tmp_path, monkeypatch):
    """A running mail system of one test daemon, as whoever runs the tests."""
    (tmp_path / "master_test_daemon.py").write_text(DAEMON)
    monkeypatch.syspath_prepend(tmp_path)
    names = ("echo", "bad", "sleeper")
    monkeypatch.setattr(programs, "DAEMONS", dict.fromkeys(names, "master_test_daemon"))
    system = System(tmp_path)
    yield system
    system.end()


class System:
    def __init__(self, directory: Path) -> None:
        self.directory = directory
        self.reloads = 0
        owner = accounts.by_uid(os.geteuid())
        self.settings = {
            "queue_directory": str(directory / "spool"),
            "data_directory": str(directory / "data"),
            "maillog_file": str(directory / "maillog"),
            "maillog_file_prefixes": str(directory),
            "mail_owner": owner.name,
            "setgid_group": accounts.group_by_gid(owner.gid).name,
            "myhostname": "mx.example.test",
        }
        self.configure()
        (directory / "master.cf").write_text(MASTER_CF)
        self.pid = processes.fork_program(
            lambda: program.main(["master", "-c", str(directory)]),
            title="master",
            log=Log("test", path=str(directory / "maillog")),
        )
        self.wait_for("daemon started")

    @property
    def config(self) -> Config:
        return Config.read(str(self.directory))

    def configure(self, **settings: str) -> None:
        self.settings.update(settings)
        lines = [f"{name} = {value}\n" for name, value in self.settings.items()]
        (self.directory / "main.cf").write_text("".join(lines))

    def reload(self) -> None:
        """Services are opened in the order of the table: the last one tells that all are."""
        self.reloads += 1
        last = f"last{self.reloads}"
        with open(self.directory / "master.cf", "a") as table:
            table.write(f"{last} unix n n n - - echo\n")
        os.kill(self.pid, signal.SIGHUP)
        until(lambda: (self.directory / "spool/public" / last).exists())

    def ask(self, service: str) -> tuple[socket.socket, dict[str, str]]:
        """A client that is served, and stays."""
        connection = ipc.connect(self.config, "public", service, PATIENCE)
        try:
            ipc.send(connection, {})
            return connection, ipc.receive(connection)
        except BaseException:
            connection.close()
            raise

    def visit(self, service: str) -> dict[str, str]:
        """A client that is served, and leaves."""
        connection, answer = self.ask(service)
        connection.close()
        return answer

    def log(self) -> str:
        with contextlib.suppress(FileNotFoundError):
            return (self.directory / "maillog").read_text()
        return ""

    def wait_for(self, text: str) -> None:
        until(lambda: text in self.log())

    def end(self) -> int:
        if self.pid:
            os.kill(self.pid, signal.SIGTERM)
            _, status = os.waitpid(self.pid, 0)
            self.pid = 0
            return os.waitstatus_to_exitcode(status)
        return 0


def until(condition):
    """Wait until something has happened, or fail; what the condition found."""
    deadline = time.monotonic() + PATIENCE
    while not (found := condition()):
        assert time.monotonic() < deadline, "it did not happen in time"
        time.sleep(0.002)
    return found


def test_a_client_finds_a_process(system):
    """Nobody runs until somebody comes."""
    answer = system.visit("echo")

    assert answer["service"] == "echo"
    assert answer["myhostname"] == "mx.example.test"


def test_a_process_serves_one_client_after_the_other(system):
    """A fork per message would cost more than the message."""
    first = system.visit("echo")["pid"]
    until(lambda: system.visit("echo")["pid"] == first)


def test_two_clients_have_two_processes(system):
    """One slow client must not stop the others."""
    slow, one = system.ask("echo")
    two = system.visit("echo")

    assert one["pid"] != two["pid"]
    slow.close()


def test_the_process_limit_makes_clients_wait(system):
    """master(5) maxproc: a machine can be protected from its clients."""
    first, one = system.ask("one")
    with ipc.connect(system.config, "public", "one", 0.05) as second:
        ipc.send(second, {})
        with pytest.raises(TimeoutError):
            ipc.receive(second)
        first.close()
        second.settimeout(PATIENCE)

        assert ipc.receive(second)["pid"] == one["pid"]


def test_overrides_hold_for_their_service_only(system):
    """`-o` in master.cf is how a second smtpd differs from the first."""
    assert system.visit("one")["name"] == "test/one"
    assert system.visit("echo")["name"] == "postfix"


def test_a_reload_loses_no_client(system):
    """A teacher reloads while mail is coming in."""
    connection, old = system.ask("echo")
    system.configure(myhostname="new.example.test")
    system.reload()
    new = system.visit("echo")

    assert (old["myhostname"], new["myhostname"]) == ("mx.example.test", "new.example.test")
    with connection:
        connection.sendall(b".")
        assert connection.recv(1) == b""


def test_idle_processes_end_after_a_reload(system):
    """They would go on with the old configuration for ever."""
    old = int(system.visit("echo")["pid"])
    system.reload()

    until(lambda: not Path(f"/proc/{old}").exists())


def test_a_changed_main_cf_counts_for_new_processes(system):
    """A Postfix daemon reads main.cf when it starts, also without a reload."""
    connection, _ = system.ask("echo")
    system.configure(myhostname="changed.example.test")

    assert system.visit("echo")["myhostname"] == "changed.example.test"
    connection.close()


def test_a_service_can_be_added_and_taken_away(system):
    """master.cf is edited in a running system."""
    table = system.directory / "master.cf"
    table.write_text(MASTER_CF.replace("echo    unix", "other   unix"))
    system.reload()

    assert system.visit("other")["service"] == "other"
    assert not (system.directory / "spool/public/echo").exists()


def test_a_service_comes_back_while_its_old_process_still_works(system):
    """A port that was closed by mistake is opened again before its last client has gone."""
    table = system.directory / "master.cf"
    connection, old = system.ask("echo")
    table.write_text(MASTER_CF.replace("echo    unix", "#echo   unix"))
    system.reload()
    connection.close()
    until(lambda: not Path(f"/proc/{old['pid']}").exists())
    table.write_text(MASTER_CF)
    system.reload()

    assert system.visit("echo")["pid"] != old["pid"]


def test_the_last_of_two_equal_lines_counts(system):
    """A line that was copied and changed, and a warning that names it."""
    table = system.directory / "master.cf"
    table.write_text(MASTER_CF + "echo unix n n n - - echo -o syslog_name=second\n")
    system.reload()

    assert system.visit("echo")["name"] == "second"
    text = 'duplicate master.cf entry for service "echo" (public/echo) -- using the last entry'
    assert text in system.log()


def test_what_fails_at_once_is_throttled(system):
    """A typing error in main.cf must not keep a processor busy."""
    ipc.trigger(system.config, "public", "bad", b"W")
    system.wait_for("bad: bad command startup -- throttling")

    log = system.log()
    assert "postfix/bad[" in log
    assert "fatal: I am not well" in log
    assert log.count("I am not well") == 1


def test_who_is_killed_before_it_served_anybody_is_replaced_at_once(system):
    """It did nothing wrong: a throttled smtpd would stop all mail for a minute."""
    with ipc.connect(system.config, "public", "echo", PATIENCE):
        victim = until(lambda: children_of(system.pid, "echo")).pop()
        os.kill(victim, signal.SIGKILL)
        system.wait_for(f"pid {victim} killed by signal 9")

    assert system.visit("echo")["service"] == "echo"
    assert "throttling" not in system.log()


def test_an_unknown_program_is_named_in_the_log(system):
    """Postfix's own words, which every search engine knows."""
    ipc.trigger(system.config, "public", "nosuch", b"W")

    system.wait_for(
        "fatal: master_spawn: exec /usr/lib/postfix/sbin/nosuch: No such file or directory"
    )


def test_a_service_is_woken_up_at_once(system):
    """What lies in the queue since yesterday is delivered when the system starts."""
    system.wait_for("postfix/sleeper")

    assert "woken by b'W'" in system.log()


def test_a_woken_service_has_a_process_after_a_reload(system):
    """The old process may take the wake-up along; the queue manager must not be missing."""
    system.wait_for("woken by")
    old = next(iter(children_of(system.pid, "sleeper")))
    system.reload()

    until(lambda: children_of(system.pid, "sleeper") - {old})


def children_of(pid: int, name: str) -> set[int]:
    """The processes of one name that master has now."""
    found = set()
    for path in Path("/proc").glob("[0-9]*/stat"):
        with contextlib.suppress(OSError):
            number, _, rest = path.read_text().partition(" (")
            comm, _, fields = rest.rpartition(") ")
            if comm == name and fields.split()[1] == str(pid):
                found.add(int(number))
    return found


def test_a_killed_process_is_replaced(system):
    """Every process may die at any moment."""
    victim = int(system.visit("echo")["pid"])
    until(lambda: int(system.visit("echo")["pid"]) == victim)
    os.kill(victim, signal.SIGKILL)
    system.wait_for(f"pid {victim} killed by signal 9")

    assert int(system.visit("echo")["pid"]) != victim


def test_a_killed_process_that_is_woken_regularly_is_woken_at_once(system):
    """Mail that came while the queue manager died must not wait for the next wake-up."""
    system.wait_for("woken by")
    victim = next(iter(children_of(system.pid, "sleeper")))
    os.kill(victim, signal.SIGKILL)

    until(lambda: children_of(system.pid, "sleeper") - {victim})


def test_a_dead_master_holds_no_port(system):
    """Its last children may serve slow clients for minutes; mail must go on before that."""
    port = _free_port()
    with open(system.directory / "master.cf", "a") as table:
        table.write(f"127.0.0.1:{port} inet n - n - - echo\n")
    system.reload()
    with _client(port) as client:
        _greeting(client)
        os.kill(system.pid, signal.SIGKILL)

        with until(lambda: _bound(port)):
            pass


def test_a_service_that_was_full_lets_its_next_processes_know(system):
    """postconf(5) stress: settings such as smtpd_timeout depend on it in a rush."""
    port = _free_port()
    with open(system.directory / "master.cf", "a") as table:
        table.write(f"0.0.0.0:{port} inet n - n - 2 echo -o myhostname=x${{stress?{{rush}}}}\n")
    system.reload()

    with _client(port) as one, _client(port) as other:
        assert [_greeting(one), _greeting(other)] == ["x", "x"]
        place = f'"0.0.0.0:{port}" ([0.0.0.0]:{port})'
        system.wait_for(f'service {place} has reached its process limit "2"')
    for pid in children_of(system.pid, "echo"):
        os.kill(pid, signal.SIGKILL)
    with _client(port) as next_one:
        assert _greeting(next_one) == "xrush"


@pytest.mark.parametrize("place", ["127.0.0.1", ""], ids=["loopback", "unix"])
def test_a_local_service_that_is_full_is_no_news(system, place):
    """Its clients are of this machine, and wait by design: qmgr for an agent."""
    port = _free_port()
    row = f"{place}:{port} inet n - n - 2 echo\n" if place else "two unix n n n - 2 echo\n"
    with open(system.directory / "master.cf", "a") as table:
        table.write(row)
    system.reload()

    with contextlib.ExitStack() as clients:
        for _ in range(2):
            clients.enter_context(_client(port) if place else system.ask("two")[0])
        until(lambda: len(children_of(system.pid, "echo")) == 2)
        # Who is started after them proves that master has seen both of them busy.
        system.visit("one")
        system.visit("one")
    assert "process limit" not in system.log()


def _client(port):
    return until(lambda: _connected(port))


def _greeting(client):
    ipc.send(client, {})
    return ipc.receive(client)["myhostname"]


def _free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def _connected(port):
    with contextlib.suppress(OSError):
        return socket.create_connection(("127.0.0.1", port), timeout=5)
    return None


def _bound(port):
    with contextlib.suppress(OSError):
        return sockets.listen_inet("127.0.0.1", port)
    return None


def test_the_end_of_master_is_the_end_of_all(system):
    """`postfix stop` must leave nothing behind that holds a queue file."""
    connection, answer = system.ask("echo")
    status = system.end()
    connection.close()

    assert status == 0
    assert not Path(f"/proc/{answer['pid']}").exists()
    assert not mail_system.is_running(system.config)
    assert not (system.directory / "spool/public/echo").exists()
    assert "terminating on signal 15" in system.log()


def test_there_is_one_master(system):
    """Two queue managers would deliver everything twice."""
    assert program.main(["master", "-t", "-c", str(system.directory)]) == 1
    assert program.main(["master", "-c", str(system.directory)]) == 1
    assert mail_system.master_pid(system.config) == system.pid


def test_anybody_may_leave_mail_and_nobody_may_look(system):
    """maildrop is open for writing, and for nothing else."""
    made = {each.path: each.mode for each in subdirectories.directories(system.config)}
    spool = system.directory / "spool"

    assert made[str(spool / "maildrop")] == 0o1733
    assert (spool / "maildrop").stat().st_mode & 0o7777 == 0o1733
    assert (spool / "private").stat().st_mode & 0o7777 == 0o700
