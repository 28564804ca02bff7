"""Break what a shipped topology is about: its promise fails, and the other promises hold.

Each kind of promise can fail, and for each of its reasons.
"""

from __future__ import annotations

import json
import secrets
import subprocess
import sys
from pathlib import Path
from typing import NamedTuple

import pytest

LABCTL = [sys.executable, "-m", "labctl"]
TOPOLOGIES = Path(__file__).parents[2] / "topologies"
RELOAD = "postfix reload"


class Fault(NamedTuple):
    """What to break on a node of a topology, and which promises have to notice."""

    topology: str
    node: str
    path: str  # the file that is changed, and comes back afterwards
    breaks: str
    fails: tuple[str, ...]


def setting(topology: str, change: str, *fails: str, node: str = "smtp") -> Fault:
    """A changed line of main.cf."""
    return Fault(topology, node, "/etc/postfix/main.cf", f"postconf -e '{change}'", fails)


def edited(topology: str, path: str, expression: str, *fails: str, node: str = "smtp") -> Fault:
    """A file changed with sed."""
    return Fault(topology, node, path, f"sed -i '{expression}' {path}", fails)


RESPONDER = "/usr/local/bin/repondeur.sh"
FEED = "/usr/local/bin/fluxrss.sh"

FAULTS = {
    "canonical: the sender is not rewritten": setting(
        "canonical", "sender_canonical_maps =", "sender", node="serveur"
    ),
    "transport: the table is not asked": setting(
        "transport", "transport_maps =", "a-closed-domain", "by-the-gateway", "one-address"
    ),
    "transport: the log says another name": edited(
        "transport", "/etc/postfix/master.cf", "/syslog_name=postfix.prudent/d", "one-address"
    ),
    "access: the black list is not asked": setting(
        "access",
        "smtpd_sender_restrictions = reject_non_fqdn_sender reject_unknown_sender_domain",
        "a-friend", "a-whole-domain", "in-our-own-words", "the-spammer",
    ),
    "access: refused before it was promised": setting(
        "access", "smtpd_delay_reject = no",
        "a-whole-domain", "the-spammer",
    ),
    "mime-checks: attachments are not looked at": setting(
        "mime-checks", "mime_header_checks =", "a-program", "in-capitals"
    ),
    "content-filter: the filter is not in the way": setting(
        "content-filter", "content_filter =", "ham", "spam", "virus"
    ),
    "content-filter: it is not told who the client was": edited(
        "content-filter", "/etc/postfix/master.cf", "/smtp_send_xforward_command/d", "ham"
    ),
    "content-filter: it sees no viruses": edited(
        "content-filter", "/usr/local/bin/filtre.sh", "s/^    exit 69/    exit 0/", "virus"
    ),
    "pipe-rss: the feed is no XML": edited(
        "pipe-rss", FEED, "s,</channel></rss>,,", "an-alert", "another-alert", node="linux"
    ),
    "pipe-rss: the feed has no title": edited(
        "pipe-rss", FEED, "/<title>Nagios/d", "an-alert", "another-alert", node="linux"
    ),
    "autoresponder: it answers to lists": edited(
        "autoresponder", RESPONDER, "/List-/d", "a-list"
    ),
    "autoresponder: it answers to other responders": edited(
        "autoresponder", RESPONDER, "/Auto-Submitted) in/d",
        "a-responder",
    ),
    "autoresponder: it does not say that it is one": edited(
        "autoresponder", RESPONDER, "/^Auto-Submitted: /d", "an-answer"
    ),
    "autoresponder: it answers twice": edited(
        "autoresponder", "/etc/postfix/virtual", "s/$/, twice@repondeur.beauvelo.fr/",
        "an-answer", "two-who-are-away",
    ),
}  # fmt: skip


@pytest.fixture(scope="module")
def labs():
    """Bring up a topology when its first fault comes; all go at the end."""
    names: dict[str, str] = {}

    def lab(topology: str) -> str:
        if topology not in names:
            names[topology] = f"t{secrets.token_hex(3)}"
            path = str(TOPOLOGIES / f"{topology}.yml")
            labctl("up", path, "--engine", "native", "--name", names[topology])
        return names[topology]

    yield lab
    for name in names.values():
        labctl("down", name)


def labctl(*arguments: str) -> str:
    done = subprocess.run(
        [*LABCTL, *arguments], capture_output=True, text=True, timeout=120, check=True
    )
    return done.stdout


def in_node(lab: str, node: str, command: str) -> None:
    labctl("exec", "--lab", lab, node, "--", "sh", "-ec", command)


def failing(lab: str) -> dict[str, str]:
    """Name the promises that do not hold, and what is there instead."""
    done = subprocess.run(
        [*LABCTL, "verify", lab, "-o", "json", "--only", "expect.*"],
        capture_output=True,
        text=True,
        timeout=240,
        check=False,
    )
    checks = json.loads(done.stdout)["checks"]
    return {
        one["id"].removeprefix("expect."): one.get("got", one["outcome"])
        for one in checks
        if one["outcome"] != "passed"
    }


@pytest.mark.native
@pytest.mark.slow
@pytest.mark.parametrize("fault", FAULTS.values(), ids=FAULTS)
def test_a_broken_promise_is_noticed(labs, fault):
    """The promises about the fault fail, and no other one."""
    lab = labs(fault.topology)
    apply = "postmap /etc/postfix/virtual; " if fault.path.endswith("virtual") else ""
    apply += RELOAD
    in_node(lab, fault.node, f"cp -p {fault.path} /root/saved; {fault.breaks}; {apply}")
    try:
        failed = failing(lab)
    finally:
        in_node(lab, fault.node, f"cp -p /root/saved {fault.path}; {apply}")

    assert set(failed) == set(fault.fails), failed
