"""Content on the wire."""

import pytest

from labctl.node.mta.smtp.content.wire import to_wire


@pytest.mark.parametrize(
    ("text", "wire"),
    [
        pytest.param(b"a\nb\n", b"a\r\nb\r\n", id="CRLF"),
        pytest.param(b"a", b"a\r\n", id="the last line ends too"),
        pytest.param(b".\n..x\na.b\n", b"..\r\n...x\r\na.b\r\n", id="leading dots are doubled"),
        pytest.param(b"", b"", id="nothing"),
        pytest.param(
            b"x" * 12 + b"\nok\n", b"xxxxx\r\n xxxx\r\n xxx\r\nok\r\n", id="long lines"
        ),
    ],
)
def test_wire_form(text, wire):
    """RFC 5321 4.5.2 and 4.5.3.1.6; the limit here is five."""
    assert to_wire(text, 5) == wire
