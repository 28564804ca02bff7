"""What verify(8) knows outlives its process."""

from labctl.node.base.log import Log
from labctl.node.mta.lib.config.main_cf import Config
from labctl.node.mta.lib.services.verify import Known, Status
from labctl.node.mta.verify.cache import Entry
from labctl.node.mta.verify.store import Store, decode, encode


def store(tmp_path, **settings):
    settings = {"address_verify_map": f"btree:{tmp_path}/cache", **settings}
    return Store(Config(settings), Log("verify", path=str(tmp_path / "log")))


def test_a_restart_forgets_nothing(tmp_path):
    """Otherwise each `postfix reload` would send all probes again."""
    entries = {
        "bob@b.test": Entry(Known(Status.OK, "250 2.1.5 Ok: really"), 1000.0),
        "eve@b.test": Entry(Known(Status.BOUNCE, "no such user"), 1001.0, 1002.0),
    }
    store(tmp_path).save(entries)

    assert store(tmp_path).load() == entries


def test_a_value_has_the_form_of_postfix():
    """`postmap -q` of the table is how an administrator looks at it."""
    entry = Entry(Known(Status.DEFER, "try: later"), 1700000001.5, 1700000000.0)

    assert encode(entry) == "1:1700000000:1700000001:try: later"
    assert decode("not ours") is None
    assert decode("9:1:1:x") is None


def test_without_a_table_nothing_is_written(tmp_path):
    """An empty address_verify_map keeps everything in memory."""
    memory = store(tmp_path, address_verify_map="")
    memory.save({"bob@b.test": Entry(Known(Status.OK, ""), 1.0)})

    assert memory.load() == {}
    assert not list(tmp_path.glob("cache*"))


def test_a_directory_that_cannot_be_written_is_told_once(tmp_path):
    """Mail goes on: the answers of this process still hold."""
    lost = store(tmp_path, address_verify_map=f"btree:{tmp_path}/none/cache")
    for _ in range(2):
        lost.save({"bob@b.test": Entry(Known(Status.OK, ""), 1.0)})

    assert (tmp_path / "log").read_text().count("none/cache.db") == 1
