"""Texts of reports, ours and the site's own."""

import pytest

from labctl.node.base.log import Fatal
from labctl.node.mta.lib.config.bounce_templates import BUILT_IN, expand, load, parse
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


def silent(text):
    raise AssertionError(text)


def read(text):
    """Templates and warnings of a file."""
    warnings = []
    found = list(parse(text.splitlines(keepends=True), "b.cf", warnings.append))
    return found, warnings


def test_a_file_replaces_one_template():
    """What a template does not say is taken from ours."""
    (found,), _ = read(FILE)

    assert (found.name, found.sender) == ("failure", "Post Office <MAILER-DAEMON>")
    assert found.postmaster_subject == "Postmaster Copy: Undelivered Mail"


def test_names_in_the_text_become_values():
    """bounce(5): parameters, and periods in a unit."""
    (found,), _ = read(FILE)
    config = Config({"myhostname": "mail.example.test", "maximal_queue_lifetime": "2d"})

    assert (
        expand(found, config, silent)
        == "Your letter came back to mail.example.test after 48 hours.\n\n"
    )


def test_the_delay_text_counts_hours_and_days():
    """As the built-in text promises."""
    config = Config({"delay_warning_time": "4h", "myhostname": "h"})

    assert "more than 4 hour(s).\nIt will be retried until it is 5 day(s) old." in expand(
        BUILT_IN["delay"], config, silent
    )


@pytest.mark.parametrize(
    ("text", "warning"),
    [
        pytest.param(
            "failed_template = <<EOF\ntext\nEOF\n",
            "b.cf, line 4: unknown template name: failed_template -- ignoring this template",
            id="name",
        ),
        pytest.param(
            "failure_template = <<EOF\nX-Foo: bar\n\ntext\nEOF\n",
            'b.cf: unknown "X-Foo" header label in failure template -- ignoring this template',
            id="header",
        ),
        pytest.param(
            "delay_template = <<EOF\nEOF\n",
            "b.cf: missing message text in delay template -- ignoring this template",
            id="text",
        ),
        pytest.param(
            "failure_template = <<EOF\n\nt\u00e9xt\nEOF\n",
            "b.cf: 8-bit message text in failure template",
            id="charset",
        ),
    ],
)
def test_what_makes_no_sense_is_left_out_and_told(text, warning):
    """The built-in text is better than half of another."""
    found, warnings = read(text)

    assert (found, warnings[0]) == ([], warning)


def test_a_text_without_its_end_is_used_all_the_same():
    """With a warning; there is nothing else that it could be."""
    (found,), warnings = read("failure_template = <<EOF\nSubject: x\n\ny\n")

    assert (found.subject, found.text) == ("x", "y\n")
    assert warnings == ['b.cf, line 5: missing "EOF" end marker']


def test_a_name_of_nothing_is_fatal():
    """A report with a hole in it would go to strangers."""
    (found,), _ = read("failure_template = <<EOF\n\none\nto $nosuch end\nEOF\n")

    with pytest.raises(Fatal, match=r"b.cf: undefined \$name in failure template: to \$nosuch"):
        expand(found, Config({}), silent)


def test_a_unit_that_is_too_large_is_told():
    """More than 0 hours is no information."""
    warnings = []

    expand(BUILT_IN["delay"], Config({"delay_warning_time": "90s"}), warnings.append)

    assert warnings[0] == (
        "[built-in]: zero result in delay template conversion of parameter"
        ' "delay_warning_time_hours"'
    )


def test_a_file_that_is_missing_is_fatal(tmp_path):
    """Nobody should get a text that the site did not mean to send."""
    with pytest.raises(Fatal, match=r"open .*: No such file"):
        load(Config({"bounce_template_file": str(tmp_path / "none")}), silent)
