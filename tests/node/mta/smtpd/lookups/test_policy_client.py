"""What stands behind check_policy_service, and who may be asked."""

import pytest

from labctl.node.base.log import Fatal
from labctl.node.mta.lib.config.main_cf import Config
from labctl.node.mta.smtpd import site_check
from labctl.node.mta.smtpd.lookups.policy_client import read_server


def test_one_server_may_have_settings_of_its_own():
    """SMTPD_POLICY_README: a slow server must not make the others wait longer."""
    written = (
        "{ inet:host:9998, timeout=7s, { default_action = DEFER not now } policy_context=a }"
    )
    server = read_server(Config({}), written)

    assert server.place == "inet:host:9998"
    assert (server.timeout, server.context) == (7.0, "a")
    assert server.default_action == "DEFER not now"
    assert read_server(Config({}), "unix:p").timeout == 100.0


@pytest.mark.parametrize(
    ("written", "complaint"),
    [
        ("{ }", 'empty policy service: "{ }"'),
        ("foo:bar", "invalid transport name: foo in service: foo:bar"),
        ("{ inet:h:1, bogus=1 }", 'unknown option: "bogus = 1"'),
        ("{ inet:h:1, x }", "malformed option: missing '=' after attribute name: \"...x...\""),
    ],
)
def test_a_server_that_makes_no_sense_stops_the_start(written, complaint):
    """Found at the first message, it would be found too late."""
    config = Config({"smtpd_data_restrictions": f"check_policy_service {written}"})
    with pytest.raises(Fatal) as error:
        site_check.check_policy_servers(config)

    assert str(error.value) == complaint
