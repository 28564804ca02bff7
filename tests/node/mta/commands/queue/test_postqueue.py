"""postqueue(1): what it refuses before it asks anybody."""

import pytest

from labctl.node.base.log import Fatal
from labctl.node.mta.commands import caller
from labctl.node.mta.commands.queue import postqueue


@pytest.fixture
def run(tmp_path):
    def run(*arguments, main_cf=""):
        log = f"maillog_file = {tmp_path}/log\nmaillog_file_prefixes = /\n"
        (tmp_path / "main.cf").write_text(f"queue_directory = {tmp_path}\n{log}{main_cf}")
        with pytest.raises(Fatal) as failure:
            postqueue.main(["postqueue", "-c", str(tmp_path), *arguments])
        assert failure.value.status == 69
        return str(failure.value)

    return run


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        pytest.param(["-p", "-f"], "usage: postqueue -f | ", id="two modes"),
        pytest.param(["-p", "x"], "usage: postqueue -f | ", id="a word too many"),
        pytest.param(["-i", "a/b"], 'Cannot flush queue ID - invalid name: "a/b"', id="no id"),
        pytest.param(
            ["-s", "a_b!"],
            'Cannot flush mail queue - invalid destination: "a_b!"',
            id="no site",
        ),
        pytest.param(
            ["-s", "far.test"],
            'Flush service is not configured for destination "far.test"',
            id="a site that nobody flushes",
        ),
        pytest.param(["-f"], "Cannot flush mail queue - mail system is down", id="down"),
    ],
)
def test_what_cannot_be_done_is_said_and_logged(run, arguments, complaint, capsys):
    """Whoever looks for the mail of a customer sees in the log who has tried what."""
    assert run(*arguments).startswith(complaint)


def test_users_may_be_shut_out(run, monkeypatch):
    """The queue shows who writes to whom: postconf(5) authorized_mailq_users."""
    nobody = caller.accounts.by_name("nobody")
    monkeypatch.setattr(caller.os, "getuid", lambda: nobody.uid)

    assert run("-p", main_cf="authorized_mailq_users = root\n") == (
        f"User nobody({nobody.uid}) is not allowed to view the mail queue"
    )
