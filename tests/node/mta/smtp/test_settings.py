"""What main.cf says to the clients."""

import pytest

from labctl.node.mta.lib.config.main_cf import Config
from labctl.node.mta.smtp.outgoing import Outgoing
from labctl.node.mta.smtp.settings import Settings

SITE = {"myhostname": "mail.example.test", "myorigin": "example.test"}


@pytest.mark.parametrize(("lmtp", "xfer"), [(False, 180), (True, 180)])
def test_every_parameter_of_both_clients_is_known(lmtp, xfer):
    """smtp_ and lmtp_ have the same set with few exceptions; a missing one kills the agent."""
    config = Config(SITE)
    settings = Settings.of(config, lmtp=lmtp)

    assert settings.manners.helo_name == "mail.example.test"
    assert settings.timeouts.data_xfer == xfer
    assert Outgoing.of(config, settings).address("bob@x.test") == "bob@x.test"


def test_lmtp_has_a_name_of_its_own_for_discarded_keywords():
    """lmtp_discard_lhlo_keywords: LHLO, not EHLO."""
    config = Config({**SITE, "lmtp_discard_lhlo_keywords": "pipelining"})

    assert Settings.of(config, lmtp=True).manners.discard == {"PIPELINING"}
    assert Settings.of(config, lmtp=False).manners.discard == frozenset()


def test_generic_maps_change_what_leaves():
    """generic(5): the envelope of outgoing mail."""
    config = Config({**SITE, "smtp_generic_maps": "inline:{{joe@example.test=j@world.test}}"})
    outgoing = Outgoing.of(config, Settings.of(config, lmtp=False))

    assert outgoing.address("joe@example.test") == "j@world.test"
    assert outgoing.address("ann@example.test") == "ann@example.test"
