"""What master.cf may say of a service of pipe(8)."""

import pytest

from labctl.node.base.log import Fatal
from labctl.node.mta.lib.config.main_cf import Config
from labctl.node.mta.pipe.attributes import Flag, read


def attributes(*arguments):
    return read(arguments, Config({}))


def test_everything_after_argv_belongs_to_the_command():
    """A command may have options that look like attributes."""
    found = attributes("flags=FR", "user=nobody", "chroot=/srv", "argv=/bin/x", "size=1", "-y")

    assert found.argv == ("/bin/x", "size=1", "-y")
    assert (found.flags, found.size, found.chroot) == (
        {Flag.FROM_LINE, Flag.RETURN_PATH},
        0,
        "/srv",
    )


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        pytest.param(["argv=/bin/x"], "missing user= command-line attribute", id="no user"),
        pytest.param(["user=nobody"], "missing argv= command-line attribute", id="no command"),
        pytest.param(["colour=red"], "unknown attribute name: colour=red", id="attribute"),
        pytest.param(["-v"], "unknown attribute name: -v", id="not name=value"),
        pytest.param(["flags=Z", "user=nobody", "argv=x"], "unknown flag: Z", id="flag"),
        pytest.param(["size=big", "user=nobody", "argv=x"], "bad size= value: big", id="size"),
    ],
)
def test_what_cannot_be_stops_the_service(arguments, complaint):
    """It would do something else than its author thinks."""
    with pytest.raises(Fatal, match=complaint):
        attributes(*arguments)
