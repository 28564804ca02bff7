"""The texts of reports to senders: our own, or those of bounce_template_file (bounce(5)).

INPUT AND OUTPUT
    ``load(config, warn)`` gives the four templates by name; a file may replace some of them.
    ``expand(template, config, warn)`` is the text of the first part of a report.

    A template is headers, an empty line, and a text with $parameters; periods of time may
    be asked for in a unit, as in $maximal_queue_lifetime_days.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Final, NamedTuple

from labctl.node.base.log import Fatal
from labctl.node.mta.lib.config import expansion
from labctl.node.mta.lib.config.main_cf import Config

Warn = Callable[[str], None]


class Template(NamedTuple):
    """One kind of report."""

    name: str  # "failure", "delay", "success", "verify"
    charset: str
    sender: str  # the From: header
    subject: str
    postmaster_subject: str
    text: str
    source: str = "[built-in]"


def load(config: Config, warn: Warn) -> dict[str, Template]:
    """The templates in use.  Raises Fatal when there is a file that cannot be read."""
    path = config.text("bounce_template_file")
    if not path:
        return dict(BUILT_IN)
    try:
        with open(path, encoding="utf-8", errors="surrogateescape") as file:
            found = {template.name: template for template in parse(file, path, warn)}
    except OSError as error:
        raise Fatal(f"open {path}: {error.strerror}") from error
    return {**BUILT_IN} | found


def parse(lines: Iterable[str], path: str, warn: Warn) -> Iterator[Template]:
    """The templates of a file: ``NAME_template = <<EOF``, headers, text, ``EOF``.

    A template that makes no sense is left out, so that the built-in one is used.
    """
    numbered = enumerate(lines, start=1)
    for number, line in numbered:
        name, equals, value = (part.strip() for part in line.partition("="))
        if not line.strip() or line.startswith("#"):
            continue
        text, last = f"{value}\n", number
        if value.startswith("<<"):
            text, last = _here(numbered, value[2:].strip(), path, warn, number)
        kind = name.removesuffix("_template")
        if not equals or kind not in BUILT_IN or kind == name:
            where = f"{path}, line {last + 1}"
            warn(f"{where}: unknown template name: {name} -- ignoring this template")
        elif template := _template(BUILT_IN[kind], text, path, warn):
            yield template


def expand(template: Template, config: Config, warn: Warn) -> str:
    """The text with values in place of $names; raises Fatal for a name of nothing."""
    return "".join(
        _expanded(line, template, config, warn) for line in template.text.splitlines(True)
    )


def _expanded(line: str, template: Template, config: Config, warn: Warn) -> str:
    undefined: list[str] = []

    def value(name: str) -> str | None:
        found = _period(name, template, config, warn) or _parameter(name, config)
        if found is None:
            undefined.append(name)
        return found

    where = f"in {template.name} template"
    try:
        text = expansion.expand(line, value)
    except expansion.MacroError as error:
        bad = f"{template.source}: bad $name syntax {where}: {line.rstrip()}"
        raise Fatal(bad) from error
    if undefined:
        raise Fatal(f"{template.source}: undefined $name {where}: {line.rstrip()}")
    return text


def _parameter(name: str, config: Config) -> str | None:
    try:
        return config.text(name)
    except (KeyError, Fatal):
        return None


def _period(name: str, template: Template, config: Config, warn: Warn) -> str | None:
    """``maximal_queue_lifetime_days``: a period in whole units."""
    parameter, _, unit = name.rpartition("_")
    if unit not in UNITS or parameter not in PERIODS:
        return None
    seconds = config.seconds(parameter)
    number = int(seconds // UNITS[unit])
    if seconds and not number:
        kind = f"{template.name} template"
        warn(f'{template.source}: zero result in {kind} conversion of parameter "{name}"')
        warn(f'please reduce time unit "{unit}" of "{name}" in {kind}')
        warn("for instructions see the bounce(5) manual")
    return str(number)


def _here(
    numbered: Iterator[tuple[int, str]], end: str, path: str, warn: Warn, number: int
) -> tuple[str, int]:
    """The lines up to one that says ``end``, and the number of the last one."""
    body: list[str] = []
    for last, line in numbered:
        if line.rstrip() == end:
            return "".join(body), last
        body.append(line)
    last = number + len(body)
    warn(f'{path}, line {last + 1}: missing "{end}" end marker')
    return "".join(body), last


def _template(default: Template, text: str, path: str, warn: Warn) -> Template | None:
    ignored = f"{default.name} template -- ignoring this template"
    fields, body = _split(text)
    for label in fields:
        if label.lower() not in FIELDS:
            warn(f'{path}: unknown "{label}" header label in {ignored}')
            return None
    if not body:
        warn(f"{path}: missing message text in {ignored}")
        return None
    given = {FIELDS[label.lower()]: value for label, value in fields.items()}
    template = default._replace(source=path, text=body, **given)
    if not body.isascii() and template.charset.lower() == "us-ascii":
        warn(f"{path}: 8-bit message text in {default.name} template")
        warn("please specify a charset value other than us-ascii")
        warn("-- ignoring this template for now")
        return None
    return template


def _split(text: str) -> tuple[dict[str, str], str]:
    """Header fields and what follows; without fields all of it is text."""
    fields: dict[str, str] = {}
    lines = text.splitlines(True)
    for at, line in enumerate(lines):
        match = HEADER.match(line)
        if match is None:
            return fields, "".join(lines[at if line.strip() else at + 1 :])
        fields[match["label"]] = match["value"].strip()
    return fields, ""


HEADER: Final = re.compile(r"(?P<label>[A-Za-z][\w-]*):(?P<value>.*)")
FIELDS: Final[Mapping[str, str]] = {
    "charset": "charset",
    "from": "sender",
    "subject": "subject",
    "postmaster-subject": "postmaster_subject",
}
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
