"""postfix(1): what it says in the log, and how it exits."""

from __future__ import annotations

import gzip
import os
import re
from pathlib import Path

import pytest

from labctl.node.base import accounts
from labctl.node.mta.commands import postfix, postlog
from labctl.node.mta.lib.config.main_cf import Config
from labctl.node.mta.lib.queue import integrity

MASTER_CF = "postlog unix-dgram n - n - 1 postlogd\n"


@pytest.fixture
def directory(tmp_path, monkeypatch):
    """A configuration that belongs to whoever runs the tests."""
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    owner = accounts.by_uid(os.getuid())
    group = accounts.group_by_gid(owner.gid)
    (tmp_path / "etc").mkdir()
    (tmp_path / "etc" / "main.cf").write_text(
        f"queue_directory = {tmp_path}/spool\n"
        f"data_directory = {tmp_path}/data\n"
        f"maillog_file = {tmp_path}/maillog\n"
        f"maillog_file_prefixes = {tmp_path}\n"
        f"mail_owner = {owner.name}\n"
        f"setgid_group = {group.name}\n"
    )
    (tmp_path / "etc" / "master.cf").write_text(MASTER_CF)
    return tmp_path


def run(directory: Path, *words: str) -> tuple[int, list[str]]:
    """The exit status, and what was logged."""
    status = postfix.main(["postfix", "-c", str(directory / "etc"), *words])
    log = directory / "maillog"
    lines = log.read_text().splitlines() if log.exists() else []
    return status, [line.split("]: ", 1)[1] for line in lines]


def test_a_stopped_system_says_that_it_is_stopped(directory):
    """Scripts go by the exit status, people by the log."""
    assert run(directory, "status") == (1, ["the Postfix mail system is not running"])


@pytest.mark.parametrize("command", ["stop", "reload", "abort"])
def test_what_does_not_run_cannot_be_told_anything(directory, command):
    """Success would hide a system that is down."""
    assert run(directory, command) == (1, ["fatal: the Postfix mail system is not running"])


def test_an_unknown_command_shows_the_known_ones(directory):
    """The words are those of Postfix."""
    assert run(directory, "bogus") == (
        1,
        [
            "fatal: unknown command: 'bogus'. Usage: postfix start (or stop, reload, abort, "
            "flush, check, status, set-permissions, upgrade-configuration, logrotate)"
        ],
    )


def test_check_makes_what_is_missing(directory):
    """The first start on a new machine finds no queue."""
    status, _ = run(directory, "check")

    assert status == 0
    assert (directory / "spool" / "deferred").is_dir()
    assert (directory / "spool" / "maildrop").stat().st_mode & 0o7777 == 0o1733


def test_check_complains_of_what_others_may_write(directory):
    """Whoever can write the queue can read and forge mail."""
    run(directory, "check")
    (directory / "spool" / "pid").chmod(0o777)

    assert (
        f"warning: group or other writable: {directory}/spool/pid" in run(directory, "check")[1]
    )


def test_check_knows_a_damaged_message(directory):
    """It lies in corrupt/ until somebody looks."""
    run(directory, "check")
    (directory / "spool" / "corrupt" / "ABC123").touch()

    assert "warning: damaged message: corrupt/ABC123" in run(directory, "check")[1]


def test_a_system_without_master_cf_does_not_start(directory):
    """Half a configuration is none."""
    (directory / "etc" / "master.cf").unlink()
    status, lines = run(directory, "start")

    assert status == 1
    assert lines == [
        f"fatal: no {directory}/etc/master.cf file found",
        "fatal: Postfix integrity check failed!",
    ]


def test_a_table_that_cannot_be_read_stops_every_command(directory, capsys):
    """Postfix stumbles over it in its own scripts, and says so in these words."""
    (directory / "etc" / "master.cf").write_text("foo unix - n n - x smtp\n")

    assert run(directory, "status") == (1, ["fatal: cannot execute /usr/sbin/postconf!"])
    assert capsys.readouterr().err.startswith("/usr/sbin/postconf: fatal: ")


def test_a_log_file_needs_its_service(directory):
    """Without postlog, a user's commands would log into nothing."""
    (directory / "etc" / "master.cf").write_text("pickup unix n - n 60 1 pickup\n")

    assert run(directory, "check")[1] == [
        "fatal: missing 'postlog' service in master.cf - run 'postfix upgrade-configuration'"
    ]


def test_users_may_not_command_the_mail_system(directory, monkeypatch):
    """No word of it in the log either: anybody could fill it."""
    monkeypatch.setattr(os, "geteuid", lambda: 1000)

    assert run(directory, "status") == (1, [])


def test_foreign_files_in_the_queue_are_named(directory, monkeypatch):
    """qmgr runs as mail_owner, and could not read them."""
    run(directory, "check")
    config = Config.read(str(directory / "etc"))
    stranger = accounts.Account("x", 4711, 4711, "/", "/bin/sh", "", (4711,))
    monkeypatch.setattr(integrity.accounts, "by_name", lambda _name: stranger)

    owner = config.text("mail_owner")
    assert f"not owned by {owner}: {directory}/spool/incoming" in list(
        integrity.warnings(config)
    )


def test_postlog_writes_what_a_script_says(directory):
    """The tag is the whole name of the program in the line."""
    words = ["-c", str(directory / "etc"), "-t", "backup/script", "-p", "warn", "disk", "full"]

    assert postlog.main(["postlog", *words]) == 0
    line = (directory / "maillog").read_text()
    assert f" backup/script[{os.getpid()}]: warning: disk full\n" in line


def test_logrotate_puts_the_log_aside_and_compresses_it(directory):
    """A log that only grows fills the disk that the mail needs."""
    (directory / "maillog").write_text("yesterday\n")

    assert run(directory, "logrotate") == (0, [])
    (old,) = directory.glob("maillog.*")
    assert gzip.decompress(old.read_bytes()) == b"yesterday\n"
    assert re.fullmatch(r"maillog\.\d{8}-\d{6}\.gz", old.name)


def test_logrotate_says_why_it_cannot(directory):
    """Without a log of its own there is nothing to rotate."""
    main_cf = directory / "etc" / "main.cf"
    main_cf.write_text(main_cf.read_text() + "maillog_file_compressor = false\n")
    (directory / "maillog").write_text("")

    _, (line,) = run(directory, "logrotate")
    assert line.startswith(f"fatal: logfile '{directory}/maillog' rotation failed: ")


def test_permissions_are_set_right_again(directory):
    """The command to type after a backup was unpacked as somebody else."""
    run(directory, "check")
    (directory / "spool" / "active").chmod(0o777)
    (directory / "spool").chmod(0o777)

    assert run(directory, "set-permissions")[0] == 0
    assert (directory / "spool" / "active").stat().st_mode & 0o777 == 0o700
    assert (directory / "spool").stat().st_mode & 0o777 == 0o755
