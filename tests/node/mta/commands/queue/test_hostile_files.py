"""Bytes that are no queue file, for the commands that read queue files."""

import contextlib
import os

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from labctl.node.base.log import Fatal, Log
from labctl.node.mta.commands.queue import postcat
from labctl.node.mta.commands.submission.postdrop import Postdrop
from labctl.node.mta.lib.config.main_cf import Config
from labctl.node.mta.lib.queue.queue_file import encode

RECORD = st.builds(
    encode, st.sampled_from([*b"CTcFILSDRO/WAK>fdMNXEw<ionVq"]), st.binary(max_size=40)
)
FILE = st.one_of(
    st.binary(max_size=200),
    st.lists(RECORD, max_size=12).map(b"".join),
    st.tuples(st.lists(RECORD, max_size=12).map(b"".join), st.integers(0, 60)).map(
        lambda cut: cut[0][: -cut[1] or None]
    ),
)
COMMON = settings(
    max_examples=60,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)


@COMMON
@given(FILE, st.sampled_from(["-o", "-d", "-v", "-e", "-h", "-b", "-bhe", "-s3"]))
def test_postcat_shows_or_says_why_not(tmp_path, capsysbinary, data, option):
    """It is what one takes when a file is broken."""
    path = tmp_path / "file"
    path.write_bytes(data)

    with contextlib.suppress(Fatal):
        assert postcat.main(["postcat", option, str(path)]) == 0
    capsysbinary.readouterr()


@COMMON
@given(FILE)
def test_postdrop_leaves_a_whole_message_or_nothing(tmp_path, capsysbinary, data):
    """Anybody may feed it."""
    maildrop = tmp_path / "maildrop"
    maildrop.mkdir(exist_ok=True)
    config = Config({"queue_directory": str(tmp_path)})
    status = 1
    with contextlib.suppress(Fatal):
        status = Postdrop(config, Log("postdrop", path=os.devnull)).run(data)
    left = list(maildrop.iterdir())

    assert len(left) <= (status == 0)
    for file in left:
        assert file.read_bytes().endswith(b"E\0")
        file.unlink()
    capsysbinary.readouterr()
