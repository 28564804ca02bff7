"""The agent reads replies, files and logs itself; what else it does is tested in labs."""

import os

from labctl.checks import agent

# An answer of a name server to "example.test MX", with the additional address.
MX_ANSWER = bytes.fromhex(
    "1234 8580 0001 0001 0000 0001"
    " 07 6578616d706c65 04 74657374 00 000f 0001"
    " c00c 000f 0001 00000e10 0007 000a 02 6d78 c00c"
    " c02a 0001 0001 00000e10 0004 c612000a"
)
MBOX = """\
From ann@example.test  Mon Nov 23 10:00:00 2026
X-Labctl-Token: probe-1

From the beginning of a line, but no separator.

From eve@example.test  Mon Nov 23 10:00:01 2026
X-Labctl-Token: probe-2

second
"""
LOG = """\
Nov 23 10:00:00 mx postfix/cleanup[7]: 3A1: message-id=<probe-1@example.test>
Nov 23 10:00:00 mx postfix/cleanup[7]: 3A2: message-id=<probe-2@example.test>
Nov 23 10:00:01 mx postfix/local[8]: 3A1: to=<ann@example.test>, status=sent (delivered)
Nov 23 10:00:01 mx postfix/local[8]: 3A2: to=<eve@example.test>, status=sent (delivered)
"""


def test_an_answer_with_compressed_names_is_read():
    """RFC 1035 4.1.4: a name may end in a pointer to an earlier one."""
    answer = agent._dns_answer(MX_ANSWER)

    assert answer["rcode"] == 0
    assert answer["authoritative"]
    assert answer["answer"] == [
        {"name": "example.test", "type": "MX", "ttl": 3600, "data": "10 mx.example.test"}
    ]
    assert answer["additional"][0]["data"] == "198.18.0.10"


def test_a_message_is_found_in_the_mbox_that_holds_two(tmp_path):
    """The text of one probe must not be taken for another's."""
    path = tmp_path / "ann"
    path.write_text(MBOX)
    path.chmod(0o600)

    (found,) = agent.mailbox(str(path), "mbox", "probe-1")["messages"]

    assert "second" not in found["text"]
    assert "no separator" in found["text"]
    assert (found["uid"], found["mode"]) == (os.getuid(), "0600")


def test_a_mailbox_that_does_not_exist_holds_nothing(tmp_path):
    """Before the first delivery there is no file."""
    assert agent.mailbox(str(tmp_path / "none"), "mbox", "probe-1") == {"messages": []}


def test_the_log_lines_about_a_token_are_those_of_its_queue_id(tmp_path):
    """The Message-ID is logged once; all other lines have the queue id only."""
    path = tmp_path / "maillog"
    path.write_text(LOG)

    lines = agent.log("probe-1", str(path))["lines"]

    assert [line.split("]: ")[1].split(",")[0] for line in lines] == [
        "3A1: message-id=<probe-1@example.test>",
        "3A1: to=<ann@example.test>",
    ]


def test_what_goes_wrong_is_an_answer():
    """A dead agent would take every other check of its node along."""
    assert "ConnectionRefusedError" in _asked({"op": "talk", "address": "127.0.0.1", "port": 1})
    assert "KeyError" in _asked({"op": "no such operation"})


def _asked(request):
    return agent.answer({"lines": [], **request} if request["op"] == "talk" else request)[
        "error"
    ]
