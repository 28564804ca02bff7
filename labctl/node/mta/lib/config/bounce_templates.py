"""The texts of reports to senders: our own, or those of bounce_template_file (bounce(5)).

INPUT AND OUTPUT
    ``load(config)`` gives the four templates by name; a file may replace some of them.
    ``expand(template, config)`` is the text of the first part of a report.

    A template is headers, an empty line, and a text with $parameters; periods of time may
    be asked for in a unit, as in $maximal_queue_lifetime_days.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Final, NamedTuple

from labctl.node.base.log import Fatal
from labctl.node.mta.lib.config.main_cf import Config


class TemplateError(Exception):
    """A template file that cannot be understood; the built-in texts are used instead."""


class Template(NamedTuple):
    """One kind of report."""

    name: str  # "failure", "delay", "success", "verify"
    charset: str
    sender: str  # the From: header
    subject: str
    postmaster_subject: str
    text: str


def load(config: Config) -> dict[str, Template]:
    """The templates in use.  Raises TemplateError when the file cannot be read."""
    path = config.text("bounce_template_file")
    if not path:
        return dict(BUILT_IN)
    try:
        with open(path, encoding="utf-8", errors="surrogateescape") as file:
            return {**BUILT_IN} | {found.name: found for found in parse(file)}
    except OSError as error:
        raise TemplateError(f"open {path}: {error.strerror}") from error


def parse(lines: Iterable[str]) -> Iterator[Template]:
    """The templates of a file: ``NAME_template = <<EOF``, headers, text, ``EOF``."""
    remaining = iter(lines)
    for line in remaining:
        if not line.strip() or line.startswith("#"):
            continue
        match = BEGIN.match(line)
        if match is None or match["name"] not in BUILT_IN:
            raise TemplateError(f"unknown template name or missing '<<': {line.strip()}")
        body: list[str] = []
        for text in remaining:
            if text.rstrip() == match["end"]:
                break
            body.append(text)
        yield _template(match["name"], "".join(body))


def expand(template: Template, config: Config) -> str:
    """The text, with what main.cf says in place of $names."""

    def replace(match: re.Match[str]) -> str:
        name = match["braced"] or match["paren"] or match["plain"]
        value = _period(name, config)
        if value is None:
            try:
                value = config.text(name)
            except (KeyError, Fatal):
                value = ""
        return value

    return NAME.sub(replace, template.text)


def _period(name: str, config: Config) -> str | None:
    """``maximal_queue_lifetime_days``: a period in whole units."""
    parameter, _, unit = name.rpartition("_")
    if unit not in UNITS or parameter not in PERIODS:
        return None
    return str(config.seconds(parameter) // UNITS[unit])


def _template(name: str, text: str) -> Template:
    default = BUILT_IN[name]
    headers, _, body = text.partition("\n\n")
    fields = {
        header.lower(): value.strip()
        for header, _, value in (line.partition(":") for line in headers.splitlines())
    }
    return Template(
        name,
        fields.get("charset", default.charset),
        fields.get("from", default.sender),
        fields.get("subject", default.subject),
        fields.get("postmaster-subject", default.postmaster_subject),
        body,
    )


BEGIN: Final = re.compile(r"(?P<name>\w+)_template\s*=\s*<<\s*(?P<end>\S+)\s*$")
NAME: Final = re.compile(r"\$(?:\{(?P<braced>\w+)\}|\((?P<paren>\w+)\)|(?P<plain>\w+))")
UNITS: Final[Mapping[str, int]] = {
    "seconds": 1,
    "minutes": 60,
    "hours": 3600,
    "days": 86400,
    "weeks": 604800,
}
PERIODS: Final = frozenset(
    {"bounce_queue_lifetime", "delay_warning_time", "maximal_queue_lifetime"}
)
FROM: Final = "Mail Delivery System <MAILER-DAEMON>"
GREETING: Final = "This is the mail system at host $myhostname.\n\n"
SIGNATURE: Final = "                   The mail system\n"
HELP: Final = """\
For further assistance, please send mail to postmaster.

If you do so, please include this problem report. You can
delete your own text from the attached returned message.

"""
FAILURE_TEXT: Final = """\
I'm sorry to have to inform you that your message could not
be delivered to one or more recipients. It's attached below.

"""
DELAY_TEXT: Final = """\
####################################################################
# THIS IS A WARNING ONLY.  YOU DO NOT NEED TO RESEND YOUR MESSAGE. #
####################################################################

Your message could not be delivered for more than $delay_warning_time_hours hour(s).
It will be retried until it is $maximal_queue_lifetime_days day(s) old.

"""
SUCCESS_TEXT: Final = """\
Your message was successfully delivered to the destination(s)
listed below. If the message was delivered to mailbox you will
receive no further notifications. Otherwise you may still receive
notifications of mail delivery errors from other systems.

"""
VERIFY_TEXT: Final = "Enclosed is the mail delivery report that you requested.\n\n"

# The order of bounce(5).
BUILT_IN: Final[Mapping[str, Template]] = {
    "failure": Template(
        "failure",
        "us-ascii",
        FROM,
        "Undelivered Mail Returned to Sender",
        "Postmaster Copy: Undelivered Mail",
        GREETING + FAILURE_TEXT + HELP + SIGNATURE,
    ),
    "delay": Template(
        "delay",
        "us-ascii",
        FROM,
        "Delayed Mail (still being retried)",
        "Postmaster Warning: Delayed Mail",
        GREETING + DELAY_TEXT + HELP + SIGNATURE,
    ),
    "success": Template(
        "success",
        "us-ascii",
        FROM,
        "Successful Mail Delivery Report",
        "",
        GREETING + SUCCESS_TEXT + SIGNATURE,
    ),
    "verify": Template(
        "verify",
        "us-ascii",
        FROM,
        "Mail Delivery Status Report",
        "",
        GREETING + VERIFY_TEXT + SIGNATURE,
    ),
}
