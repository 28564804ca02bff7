"""postconf -b and -t: the texts of reports to senders, with and without their $parameters."""

from __future__ import annotations

import sys

from labctl.node.base.log import Fatal
from labctl.node.mta.commands.options import Options
from labctl.node.mta.lib.config import bounce_templates
from labctl.node.mta.lib.config.bounce_templates import Template
from labctl.node.mta.lib.config.main_cf import Config


def run(options: Options, directory: str) -> int:
    """Print all templates; a word is a file to take instead of bounce_template_file."""
    config = Config.read(directory)
    if len(options.words) > 1:
        raise Fatal("options -b and -t require at most one template file")
    if options.words:
        config = config.with_overrides({"bounce_template_file": options.words[0]})
    show = _expanded if options.has("b") else _as_written
    try:
        texts = [show(found, config) for found in bounce_templates.load(config, _warn).values()]
    except Fatal as error:
        _say(f"fatal: {error}")
        return 1
    print("\n".join(texts), end="")
    return 0


def _warn(text: str) -> None:
    _say(f"warning: {text}")


def _say(text: str) -> None:
    """As bounce(8) says it, whose texts they are."""
    print(f"postfix/bounce: {text}", file=sys.stderr)


def _expanded(template: Template, config: Config) -> str:
    text = bounce_templates.expand(template, config, _warn)
    return f"expanded_{template.name}_text = <<EOF\n{text}EOF\n"


def _as_written(template: Template, config: Config) -> str:
    headers = {
        "Charset": template.charset,
        "From": template.sender,
        "Subject": template.subject,
        "Postmaster-Subject": template.postmaster_subject,
    }
    lines = "".join(f"{name}: {value}\n" for name, value in headers.items() if value)
    return f"{template.name}_template = <<EOF\n{lines}\n{template.text}EOF\n"
