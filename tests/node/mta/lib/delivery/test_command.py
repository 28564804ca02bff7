"""Commands: what is executed, and what their ends mean."""

import os

import pytest

from labctl.node.base import accounts
from labctl.node.base.log import Log
from labctl.node.mta.lib.delivery.command import Command, Result, split_command
from labctl.node.mta.lib.delivery.command_process import run


@pytest.mark.parametrize(
    ("text", "argv"),
    [
        pytest.param("/bin/cat -n", ["/bin/cat", "-n"], id="plain words need no shell"),
        pytest.param("cat > x", ["sh", "-c", "cat > x"], id="shell syntax does"),
        pytest.param("x $A", ["sh", "-c", "x $A"], id="so do variables"),
    ],
)
def test_a_shell_runs_only_where_it_is_needed(text, argv):
    """A shell in between hides how the command ended."""
    assert split_command(text) == argv


@pytest.mark.parametrize(
    ("result", "status", "reason"),
    [
        pytest.param(Result(), "2.0.0", "done", id="success"),
        pytest.param(Result(75), "4.3.0", "temporary failure", id="EX_TEMPFAIL"),
        pytest.param(
            Result(67, output="no "),
            "5.1.1",
            "user unknown. Command output: no ",
            id="EX_NOUSER with a word",
        ),
        pytest.param(
            Result(1), "5.3.0", 'Command died with status 1: "/bin/x"', id="unknown status"
        ),
        pytest.param(
            Result(signal=9), "4.3.0", 'Command died with signal 9: "/bin/x"', id="killed"
        ),
        pytest.param(
            Result(timed_out=True), "5.3.0", 'Command time limit exceeded: "/bin/x"', id="time"
        ),
        pytest.param(Result(75, output="5.7.9 go away "), "5.7.9", "go away ", id="own status"),
    ],
)
def test_the_end_of_a_command_is_the_outcome_of_the_delivery(result, status, reason):
    """Scripts say with sysexits.h, or with a status of their own, what became of the mail."""
    outcome = result.status("/bin/x", "done")

    assert (outcome.status, outcome.reason) == (status, reason)


def a_command(*argv, **changes):
    me = accounts.by_uid(os.getuid())
    environment = {"PATH": "/usr/bin:/bin"}
    return Command(argv, me, "/", environment, 10.0)._replace(**changes)


def test_a_command_gets_the_message_and_its_output_is_kept(tmp_path):
    """What it prints is the only thing that a sender will read about its failure."""
    result = run(a_command("tr", "a-z", "A-Z"), b"hello\nworld\n", Log("x", path="/dev/null"))

    assert result == Result(output="HELLO WORLD ")


def test_a_script_that_names_no_interpreter_is_for_the_shell(tmp_path):
    """execvp(3) has it so, and half of the scripts of students are like that."""
    script = tmp_path / "script"
    script.write_text("echo $1\n")
    script.chmod(0o755)

    assert (
        run(a_command(str(script), "word"), b"", Log("x", path="/dev/null")).output == "word "
    )


def test_a_command_that_reads_nothing_is_not_a_broken_delivery():
    """exit 0 without reading is success; a broken pipe is not our failure."""
    result = run(a_command("true"), b"x" * 1_000_000, Log("x", path="/dev/null"))

    assert result.succeeded


def test_a_command_that_never_ends_is_ended():
    """A delivery process must not be held for ever by one recipient's script."""
    result = run(a_command("sleep", "60", time_limit=0.1), b"", Log("x", path="/dev/null"))

    assert result.timed_out


def test_a_command_that_is_not_there_may_appear_later():
    """Postfix defers, because a file system may not be mounted."""
    result = run(a_command("/nonexistent"), b"", Log("local", path="/dev/null"))

    assert result.exit_status == 75
    assert "local: fatal: execvp /nonexistent: No such file or directory" in result.output


def test_a_command_cannot_write_more_than_it_may(tmp_path):
    """A script that writes without end would fill the disk; it hears of an error instead."""
    command = a_command(
        *("dd", "if=/dev/zero", f"of={tmp_path}/big", "bs=1k", "count=9"), file_size_limit=2048
    )
    result = run(command, b"", Log("x", path="/dev/null"))

    assert result.exit_status == 1
    assert "File too large" in result.output
    assert (tmp_path / "big").stat().st_size == 2048


def test_the_output_of_a_command_is_one_line_of_text():
    """It ends up in a log line and in a bounce."""
    result = run(a_command("printf", "a\tb\nc\001"), b"", Log("x", path="/dev/null"))

    assert result.output == "a b c_"


@pytest.mark.skipif(os.getuid() != 0, reason="only root may change its root directory")
def test_a_command_may_have_a_root_directory_of_its_own(tmp_path):
    """pipe(8) chroot=: what is outside of it is not there."""
    result = run(a_command("/bin/true", chroot=str(tmp_path)), b"", Log("x", path="/dev/null"))

    assert result.exit_status == 75
    assert "execvp /bin/true: No such file or directory" in result.output
