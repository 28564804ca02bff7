"""postsuper(1): the administrator's hand in the queue."""

import io
import os

import pytest

from labctl.node.base.log import Fatal
from labctl.node.mta.commands.queue import postsuper
from labctl.node.mta.lib.config.main_cf import Config
from labctl.node.mta.lib.queue.directory import FORCE_EXPIRE, QueueDirectory

pytestmark = pytest.mark.skipif(os.getuid() != 0, reason="postsuper is for root")
ONE, TWO = "3F0A1B2C3D", "4F0A1B2C3D"


class Site:
    """A queue directory with messages in it."""

    def __init__(self, root):
        self.root, self.config = root, root / "etc"
        self.config.mkdir()
        (self.config / "main.cf").write_text(
            f"queue_directory = {root}\nmaillog_file = {root}/log\n"
            f"maillog_file_prefixes = /\nhash_queue_names = none\n"
        )
        for name in ("maildrop", "incoming", "active", "deferred", "hold", "bounce", "defer"):
            (root / name).mkdir()
        for name in ("trace", "flush", "corrupt", "saved", "public"):
            (root / name).mkdir()

    def put(self, queue, queue_id):
        path = self.root / queue / queue_id
        path.write_text("x")
        path.chmod(0o700)
        return path

    def run(self, *arguments):
        return postsuper.main(["postsuper", "-c", str(self.config), *arguments])

    def listing(self):
        queues = ("maildrop", "incoming", "active", "deferred", "hold")
        return {
            name: sorted(found) for name in queues if (found := os.listdir(self.root / name))
        }


@pytest.fixture
def site(tmp_path):
    return Site(tmp_path)


def test_a_message_goes_on_hold_and_comes_back(site, capsys):
    """Hold is for looking at a message before it goes on."""
    site.put("deferred", ONE)
    site.put("active", TWO)
    site.run("-h", ONE)

    assert site.listing() == {"active": [TWO], "hold": [ONE]}
    assert f"postsuper: {ONE}: placed on hold\n" in capsys.readouterr().err
    site.run("-H", "ALL")

    assert site.listing() == {"active": [TWO], "deferred": [ONE]}
    assert capsys.readouterr().err == "postsuper: Released from hold: 1 message\n"


def test_all_of_some_queues_is_deleted_with_its_logs(site, capsys):
    """`postsuper -d ALL deferred` is the usual cure for a flood of bounces."""
    site.put("deferred", ONE)
    site.put("hold", TWO)
    log = site.root / "defer" / ONE
    log.write_text("why")
    site.run("-d", "ALL", "deferred")

    assert site.listing() == {"hold": [TWO]}
    assert not log.exists()
    assert capsys.readouterr().err == "postsuper: Deleted: 1 message\n"


def test_ids_come_from_standard_input(site, capsys, monkeypatch):
    """`mailq | awk ... | postsuper -d -`, and what is no id touches nothing."""
    site.put("deferred", ONE)
    monkeypatch.setattr("sys.stdin", io.StringIO(f"{ONE}\n../etc/passwd\n"))
    site.run("-d", "-")
    said = capsys.readouterr().err

    assert site.listing() == {}
    assert "warning: invalid mail queue id: ../etc/passwd\n" in said
    assert said.endswith("postsuper: Deleted: 1 message\n")


def test_a_requeued_message_starts_again_from_maildrop(site):
    """That is how it meets the tables of today; mailq goes on showing why it was deferred."""
    site.put("deferred", ONE)
    log = site.root / "defer" / ONE
    log.write_text("why")
    site.run("-r", "ALL")

    assert site.listing() == {"maildrop": [ONE]}
    assert log.exists()


def test_an_expired_message_is_marked_and_a_held_one_released(site, capsys):
    """-f returns to their senders what waits for an administrator too."""
    held = site.put("hold", ONE)
    site.run("-e", ONE)

    assert held.stat().st_mode & FORCE_EXPIRE
    site.run("-f", ONE)

    assert site.listing() == {"deferred": [ONE]}
    assert capsys.readouterr().err.splitlines()[-2:] == [
        *("postsuper: Force-expired: 1 message", "postsuper: Released from hold: 1 message"),
    ]


def test_files_go_where_their_names_say(site):
    """After hash_queue_depth has changed, qmgr would not find them."""
    site.put("deferred", ONE)
    with (site.config / "main.cf").open("a") as main_cf:
        main_cf.write("hash_queue_names = deferred\n")
    site.run("-s")

    config = Config.read(str(site.config))
    assert os.path.exists(QueueDirectory(config).path("deferred", ONE))


def test_an_unknown_queue_is_refused(site):
    """A typing error must not become "all queues"."""
    with pytest.raises(Fatal, match="invalid directory name: nosuch"):
        site.run("-d", "ALL", "nosuch")
