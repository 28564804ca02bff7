"""What main.cf says to the clients."""

import pytest

from labctl.node.base.log import Fatal
from labctl.node.mta.lib.config.main_cf import Config
from labctl.node.mta.smtp.content.outgoing import Outgoing
from labctl.node.mta.smtp.settings import Settings

SITE = {"myhostname": "mail.example.test", "myorigin": "example.test"}


@pytest.mark.parametrize(("lmtp", "xfer"), [(False, 180), (True, 180)])
def test_every_parameter_of_both_clients_is_known(lmtp, xfer):
    """smtp_ and lmtp_ have the same set with few exceptions; a missing one kills the agent."""
    config = Config(SITE)
    settings = Settings.of(config, lmtp=lmtp)

    assert settings.manners.helo_name == "mail.example.test"
    assert settings.timeouts.data_xfer == xfer
    assert Outgoing.of(config, settings.prefix).address("bob@x.test") == "bob@x.test"


def test_lmtp_has_a_name_of_its_own_for_discarded_keywords():
    """lmtp_discard_lhlo_keywords: LHLO, not EHLO."""
    config = Config({**SITE, "lmtp_discard_lhlo_keywords": "pipelining"})

    assert Settings.of(config, lmtp=True).manners.discard("198.18.0.1") == ("pipelining",)
    assert Settings.of(config, lmtp=False).manners.discard("198.18.0.1") == ()


def test_generic_maps_change_what_leaves():
    """generic(5): the envelope of outgoing mail."""
    config = Config({**SITE, "smtp_generic_maps": "inline:{{joe@example.test=j@world.test}}"})
    outgoing = Outgoing.of(config, "smtp")

    assert outgoing.address("joe@example.test") == "j@world.test"
    assert outgoing.address("ann@example.test") == "ann@example.test"


def test_a_table_says_what_one_server_announces_wrongly():
    """smtp_discard_ehlo_keyword_address_maps goes before the list for all."""
    config = Config(
        {
            **SITE,
            "smtp_discard_ehlo_keywords": "dsn",
            "smtp_discard_ehlo_keyword_address_maps": "inline:{{198.18.0.1=size, pipelining}}",
        }
    )
    discard = Settings.of(config, lmtp=False).manners.discard

    assert discard("198.18.0.1") == ("size", "pipelining")
    assert discard("198.18.0.2") == ("dsn",)


def test_a_port_that_does_not_exist_ends_the_agent():
    """The log names the word in transport(5); retrying would not make it a port."""
    settings = Settings.of(Config(SITE), lmtp=False)

    assert settings.port("smtp") == 25
    with pytest.raises(Fatal, match="unknown service: nosuch/tcp"):
        settings.port("nosuch")
