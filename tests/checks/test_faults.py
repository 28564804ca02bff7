"""Break one thing in a lab: the check that is about it fails, and no other one does.

A check that cannot fail proves nothing; neither does one that fails for anything.
"""

from __future__ import annotations

import fnmatch
import json
import secrets
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import pytest

from labctl.compiler.accounts import hash_password

LABCTL = [sys.executable, "-m", "labctl"]
TOPOLOGY = Path(__file__).with_name("faults.yml")
RELOAD = "postfix reload"
LAYERS = ("process", "dns", "port", "login", "policy")


class Fault(NamedTuple):
    """Where to break what, how to undo it, and which checks have to notice."""

    node: str
    breaks: str
    repairs: str
    fails: tuple[str, ...]

    @property
    def layers(self) -> tuple[str, ...]:
        """What is verified: everything that takes no seconds, and what the fault is about."""
        slow = [layer for layer in ("flow", "drill") if any(layer in one for one in self.fails)]
        return (*LAYERS, *slow)


def setting(node: str, change: str, *fails: str) -> Fault:
    """A changed line of main.cf; its undoing is the file as it was."""
    breaks = f"cp /etc/postfix/main.cf /root/; postconf -e '{change}'; {RELOAD}"
    return Fault(node, breaks, f"cp /root/main.cf /etc/postfix/; {RELOAD}", fails)


def edited(node: str, path: str, expression: str, reload: str, *fails: str) -> Fault:
    """A file changed with sed."""
    breaks = f"cp -p {path} /root/saved; sed -i '{expression}' {path}; {reload}"
    return Fault(node, breaks, f"cp -p /root/saved {path}; {reload}", fails)


ZONE = "/var/named/example.test.zone"
REVERSE = "/var/named/0.18.198.in-addr.arpa.zone"
NAMED = "init reload named"
INETD = "init reload inetd"

# What the checks try as a wrong password becomes the right one.
WRONG = hash_password("ann", "not-ann").replace("$", "\\$")

FAULTS = {
    "a zone is not served": edited(
        "ns", "/etc/named.conf", "/\"hosted.test\"/d", NAMED,
        "dns.zone.hosted.test",
    ),
    "an MX has another preference": edited(
        "ns", ZONE, "s/MX[[:space:]]*20/MX 5/", NAMED, "dns.mx.example.test"
    ),
    "a host has another address": edited(
        "ns", ZONE, "/^null/s/198.18.0.[0-9]*/198.18.0.99/", NAMED,
        "dns.address.null.example.test",
    ),
    "an address leads back to another name": edited(
        "ns", REVERSE, "s/null.example.test/nil.example.test/", NAMED, "dns.ptr.*"
    ),
    "the root is open": edited(
        "ns", "/etc/named.conf", "/zone \"\\.\"/d", NAMED, "dns.closed-root"
    ),
    "a node asks the wrong name server": edited(
        "host", "/etc/resolv.conf", "s/nameserver .*/nameserver 127.0.0.1/", "true", "dns.*"
    ),
    "POP3 is switched off": edited(
        "mx", "/etc/inetd.conf", "s/^pop/#pop/", INETD, "port.mx.pop3"
    ),
    "a password was changed": edited(
        "mx", "/etc/shadow", "/^ann:/s/:[^:]*:/:!:/", "true", "login.mx.*.ann"
    ),
    "a wrong password opens a mailbox": edited(
        "mx", "/etc/shadow", f"/^ann:/s,:[^:]*:,:{WRONG}:,", "true",
        "login.mx.*.ann", "policy.wrong-password.mx.*",
    ),
    "inetd has ended": Fault(
        "mx", "cp /etc/inittab /root/; sed -i /^inetd/d /etc/inittab; init reload init",
        "cp /root/inittab /etc/; init reload init", ("process.mx.inetd",),
    ),
    "port 25 is closed": edited(
        "host", "/etc/postfix/master.cf", "s/^smtp  *inet/#&/", RELOAD, "port.host.smtp"
    ),
    "everybody may relay": setting("mx", "mynetworks = 0.0.0.0/0", "policy.relay.mx"),
    "the server does not know its users": setting(
        "br", "local_recipient_maps =", "policy.unknown-user.br.other.test"
    ),
    "the backup does not know the other's users": setting(
        "br", "relay_recipient_maps =", "policy.unknown-user.br.example.test"
    ),
    "a virtual mailbox is open to others": Fault(
        "host", "install -o postfix -g 120 -m 0644 /dev/null /var/spool/virtual/bob",
        "rm /var/spool/virtual/bob", ("flow.*.bob@hosted.test",),
    ),
    "the mailbox command does not deliver": setting(
        "mx", "mailbox_command = /bin/false", "flow.*.ann@example.test"
    ),
    "the null client sends by itself": setting(
        "null", "relayhost =", "flow.null.*"
    ),
    "mail takes a detour": setting(
        "br", "relayhost = [198.18.0.10]", "flow.br.bob@hosted.test"
    ),
    "the backup does not relay": setting(
        "br", "relay_domains =", "policy.unknown-user.br.example.test",
        "drill.backup-mx.example.test",
    ),
}  # fmt: skip


@pytest.fixture(scope="module")
def lab(tmp_path_factory):
    """One lab for all faults; each fault is undone before the next."""
    name = f"t{secrets.token_hex(3)}"
    path = tmp_path_factory.mktemp("faults") / "faults.yml"
    path.write_text(TOPOLOGY.read_text().format(lab=name))
    labctl("up", str(path), "--engine", "native")
    yield name
    labctl("down", name)


def labctl(*arguments: str) -> str:
    done = subprocess.run(
        [*LABCTL, *arguments], capture_output=True, text=True, timeout=120, check=True
    )
    return done.stdout


def in_node(lab: str, node: str, command: str) -> None:
    labctl("exec", "--lab", lab, node, "--", "sh", "-c", command)


def verify(lab: str, layers: Sequence[str]) -> dict[str, str]:
    """Give check -> outcome for some layers."""
    patterns = [word for layer in layers for word in ("--only", f"{layer}.*")]
    done = subprocess.run(
        [*LABCTL, "verify", lab, "-o", "json", *patterns],
        capture_output=True,
        text=True,
        timeout=240,
        check=False,
    )
    return {one["id"]: one["outcome"] for one in json.loads(done.stdout)["checks"]}


@pytest.mark.native
@pytest.mark.slow
def test_a_whole_lab_passes(lab):
    """Without a fault there is nothing to find."""
    outcomes = verify(lab, [*LAYERS, "flow", "drill"])

    assert {id: outcome for id, outcome in outcomes.items() if outcome != "passed"} == {}


@pytest.mark.native
@pytest.mark.slow
@pytest.mark.parametrize("fault", FAULTS.values(), ids=FAULTS)
def test_a_fault_is_found_where_it_is(lab, fault):
    """The failing checks are those about the fault; what depends on them is skipped."""
    in_node(lab, fault.node, fault.breaks)
    try:
        outcomes = verify(lab, fault.layers)
    finally:
        in_node(lab, fault.node, fault.repairs)

    failed = {id for id, outcome in outcomes.items() if outcome == "failed"}
    assert failed
    assert {
        id for id in failed if not any(fnmatch.fnmatch(id, one) for one in fault.fails)
    } == set()
    unnoticed = [one for one in fault.fails if not fnmatch.filter(failed, one)]
    assert unnoticed == []
