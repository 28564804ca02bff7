"""Texts of reports, ours and the site's own."""

import pytest

from labctl.node.mta.lib.config.bounce_templates import BUILT_IN, TemplateError, expand, parse
from labctl.node.mta.lib.config.main_cf import Config

FILE = """\
# our own words
failure_template = <<EOF
Charset: us-ascii
From: Post Office <MAILER-DAEMON>
Subject: Returned to $mydomain

Your letter came back to $myhostname after ${maximal_queue_lifetime_hours} hours.

EOF
"""


def test_a_file_replaces_one_template():
    """What a template does not say is taken from ours."""
    (found,) = parse(FILE.splitlines(keepends=True))

    assert (found.name, found.sender) == ("failure", "Post Office <MAILER-DAEMON>")
    assert found.postmaster_subject == "Postmaster Copy: Undelivered Mail"


def test_names_in_the_text_become_values():
    """bounce(5): parameters, and periods in a unit."""
    (found,) = parse(FILE.splitlines(keepends=True))
    config = Config({"myhostname": "mail.example.test", "maximal_queue_lifetime": "2d"})

    assert (
        expand(found, config)
        == "Your letter came back to mail.example.test after 48 hours.\n\n"
    )


def test_the_delay_text_counts_hours_and_days():
    """As the built-in text promises."""
    config = Config({"delay_warning_time": "4h", "myhostname": "h"})

    assert "more than 4 hour(s).\nIt will be retried until it is 5 day(s) old." in expand(
        BUILT_IN["delay"], config
    )


def test_an_unknown_template_is_refused():
    """A misspelt name would be ignored silently otherwise."""
    with pytest.raises(TemplateError):
        list(parse(["failed_template = <<EOF\n", "EOF\n"]))
