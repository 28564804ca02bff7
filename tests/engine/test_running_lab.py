"""What one looks at in a lab that runs, on every engine that this machine has."""

from __future__ import annotations

import contextlib
import fcntl
import json
import os
import pty
import select
import signal
import struct
import subprocess
import sys
import termios
import time

import pytest

LABCTL = [sys.executable, "-m", "labctl"]
DEADLINE = 10.0


def test_up_prints_the_nodes_and_what_to_type_next(shared):
    """A newcomer reads the table and copies the next command from below it."""
    heads, *rows = shared.up.stdout.splitlines()

    assert heads.split() == ["NODE", "ROLE", "STATE", "ADDRESS", "SERVICES", "HOST", "NAME"]
    assert [row.split()[:3] for row in rows] == [
        ["ns", "dns", "ready"],
        ["mx", "primary", "ready"],
    ]
    assert f"labctl verify {shared.lab}" in shared.up.stderr


def test_mail_flows_and_verify_proves_it(shared, labctl):
    """The whole point: every check of the small lab passes."""
    verified = labctl("verify", shared.lab, "-o", "json")

    report = json.loads(verified.stdout)
    failed = [one for one in report["checks"] if one["outcome"] != "passed"]
    assert failed == []
    assert verified.returncode == 0
    assert report["passed"] > 10


@pytest.mark.parametrize("status", [0, 3, 77])
def test_exec_keeps_the_exit_status(shared, labctl, status):
    """Scripts decide by it."""
    done = labctl(
        "exec", "--lab", shared.lab, "mx", "--", "sh", "-c", f"cat; exit {status}", stdin="in"
    )

    assert (done.returncode, done.stdout) == (status, "in")


def test_exec_in_a_node_that_is_not_there_says_which_are(shared, labctl):
    """A misspelt node costs one look at the message."""
    done = labctl("exec", "--lab", shared.lab, "mxx", "--", "true")

    assert done.returncode == 2
    assert "no node is called 'mxx'" in done.stderr
    assert "mx" in done.stderr.splitlines()[1]


def test_a_shell_offers_labs_nodes_and_checks(shared, monkeypatch):
    """Nobody types the names of thirty seats."""
    monkeypatch.setenv("_LABCTL_COMPLETE", "complete_bash")

    def offered(line: str) -> list[str]:
        monkeypatch.setenv("COMP_WORDS", line)
        monkeypatch.setenv("COMP_CWORD", str(len(line.split(" ")) - 1))
        return subprocess.run(LABCTL, capture_output=True, text=True, check=True).stdout.split()

    assert shared.lab in offered(f"labctl verify {shared.lab[:3]}")
    assert offered(f"labctl shell --lab {shared.lab} m") == ["mx"]
    assert "dns.mx.example.test" in offered(f"labctl verify {shared.lab} --only dns.")


def test_nothing_of_a_lab_leads_out_of_it(shared, labctl):
    """Lab mail must never reach the Internet."""
    routes = labctl("exec", "--lab", shared.lab, "mx", "--", "cat", "/proc/net/route").stdout

    destinations = [line.split()[1] for line in routes.splitlines()[1:]]
    assert destinations
    assert "00000000" not in destinations


def test_exec_gives_all_that_comes_in_and_all_that_goes_out(shared, labctl):
    """A dump of megabytes must not be cut, and its errors go where errors go."""
    text = "0123456789abcdef" * 65536

    done = labctl(
        *("exec", "--lab", shared.lab, "mx", "--"),
        *("sh", "-c", "echo wrong >&2; cat"),
        stdin=text,
    )

    assert done.stdout == text
    assert done.stderr == "wrong\n"


def test_status_knows_labs_and_nodes(shared, labctl):
    """Scripts ask before they begin."""
    one = json.loads(labctl("status", shared.lab, "-o", "json").stdout)
    all_of_them = json.loads(labctl("status", "-o", "json").stdout)

    assert {node["node"]: node["state"] for node in one["nodes"]} == {
        "ns": "ready",
        "mx": "ready",
    }
    mine = next(lab for lab in all_of_them if lab["name"] == shared.lab)
    assert (mine["engine"], mine["nodes"], mine["ready"]) == (shared.engine, 2, 2)
    assert labctl("status", shared.lab).returncode == 0
    assert labctl("status", "no-such-lab").returncode == 2


def test_logs_are_those_of_the_nodes(shared, labctl):
    """The first question of every lesson is: what does the log say?"""
    one = labctl("logs", "--lab", shared.lab, "-n", "500", "mx")
    everything = labctl("logs", "--lab", shared.lab, "-n", "500")
    console = labctl("logs", "--lab", shared.lab, "mx", "--console")

    assert "postfix/master" in one.stdout
    assert any(line.startswith("mx: ") for line in everything.stdout.splitlines())
    assert "service postfix ready" in console.stdout


@pytest.mark.parametrize("nodes", [["mx"], []], ids=["one node", "all"])
def test_logs_follow_until_ctrl_c(shared, labctl, nodes):
    """One watches the log while the message is on its way, and then wants the prompt back."""
    argv = [*LABCTL, "logs", "-f", "--lab", shared.lab, *nodes]
    following = subprocess.Popen(argv, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    say = ("exec", "--lab", shared.lab, "mx", "--", "logger", "-p", "mail.info", "seen-by-f")
    assert labctl(*say).returncode == 0
    read_until(following.stdout.fileno(), b"seen-by-f")

    following.send_signal(signal.SIGINT)
    _, said = following.communicate(timeout=10)

    assert following.returncode == 130
    assert b"Traceback" not in said


class Terminal:
    """labctl on a terminal of 33 rows and 101 columns."""

    def __init__(self, *arguments: str) -> None:
        self.fd, theirs = pty.openpty()
        fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("4H", 33, 101, 0, 0))
        self.process = subprocess.Popen(
            [*LABCTL, *arguments], stdin=theirs, stdout=theirs, stderr=theirs
        )
        os.close(theirs)

    def type(self, text: str) -> None:
        os.write(self.fd, text.encode())

    def wait_for(self, text: bytes) -> bytes:
        return read_until(self.fd, text)

    def end(self) -> int:
        deadline = time.monotonic() + DEADLINE
        with contextlib.suppress(OSError):  # EIO: the last one on the terminal has gone
            while time.monotonic() < deadline and os.read(self.fd, 4096):
                pass
        os.close(self.fd)
        return self.process.wait(DEADLINE)


def read_until(fd: int, text: bytes) -> bytes:
    seen = b""
    deadline = time.monotonic() + DEADLINE
    while text not in seen:
        ready, _, _ = select.select([fd], [], [], max(0.0, deadline - time.monotonic()))
        assert ready, f"{text!r} is not in {seen!r}"
        piece = os.read(fd, 65536)
        assert piece, f"ended without {text!r}: {seen!r}"
        seen += piece
    return seen


def test_a_shell_is_a_terminal_of_the_users_size(shared):
    """vi, less and top draw for the window that is really there."""
    shell = Terminal("shell", "--lab", shared.lab, "mx")
    shell.type("echo at:$(hostname):$(stty size):$(tty)\n")
    seen = shell.wait_for(b"at:mx.example.test:33 101:/dev/pts/")
    shell.type("exit 7\n")

    assert b"at:mx.example.test" in seen
    assert shell.end() == 7


def test_ctrl_c_in_a_shell_belongs_to_the_shell(shared):
    """It ends the command in the node, and neither the shell nor labctl."""
    shell = Terminal("shell", "--lab", shared.lab, "mx")
    shell.type("sh -c 'echo begun-$((1+1)); exec sleep 60'\n")
    shell.wait_for(b"begun-2")
    shell.type("\x03")
    shell.type("echo alive-$((2+2))\n")
    shell.wait_for(b"alive-4")
    shell.type("exit 0\n")

    assert shell.end() == 0


def test_a_shell_can_be_that_of_a_user(shared):
    """Students log in as the people of the topology."""
    shell = Terminal("shell", "--lab", shared.lab, "--user", "ann", "mx")
    shell.type("echo I-am-$(id -un)-in-$(pwd)\n")
    shell.wait_for(b"I-am-ann-in-/home/ann")
    shell.type("exit\n")

    assert shell.end() == 0
