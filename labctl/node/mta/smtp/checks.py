"""smtp_header_checks and their kin: a last look at what leaves, line by line.

header_checks(5): the message has been accepted already, so that nothing can be refused here;
a header may be dropped, replaced, or given another in front, and what was found is logged.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final, NamedTuple

from labctl.node.base.log import Log
from labctl.node.mta.lib.config.main_cf import Config
from labctl.node.mta.lib.maps import Maps, maps_of
from labctl.node.wire import headers
from labctl.node.wire.headers import Kind


class Checks(NamedTuple):
    """The tables, by what they look at."""

    header: Maps
    mime_header: Maps
    body: Maps
    prefix: str  # "smtp" or "lmtp"

    @classmethod
    def of(cls, config: Config, prefix: str) -> Checks:
        return cls(
            maps_of(config, f"{prefix}_header_checks"),
            maps_of(config, f"{prefix}_mime_header_checks"),
            maps_of(config, f"{prefix}_body_checks"),
            prefix,
        )

    def __bool__(self) -> bool:
        return bool(self.header or self.mime_header or self.body)


class Where(NamedTuple):
    """What kind of line it is, and which table was asked."""

    context: str  # "header" or "body"
    table: str  # "smtp_header_checks", ...


class Finding(NamedTuple):
    """A line, what the table says to do with it, and who logs it."""

    line: bytes
    where: Where
    verb: str
    argument: str
    queue_id: str
    log: Log


def check_header(header: bytes, checks: Checks, queue_id: str, log: Log) -> list[bytes]:
    """The headers that stand in place of this one."""
    is_mime = headers.KNOWN.get(headers.name(header), Kind.NONE) is Kind.MIME
    table = checks.mime_header if is_mime else checks.header
    name = f"{checks.prefix}_{'mime_' if is_mime else ''}header_checks"
    return _check(header, table, Where("header", name), queue_id, log)


def check_body(body: bytes, checks: Checks, queue_id: str, log: Log) -> bytes:
    """The body with each of its lines checked."""
    if not checks.body:
        return body
    lines = body.split(b"\n")
    ending = [lines.pop()] if not lines[-1] else []
    where = Where("body", f"{checks.prefix}_body_checks")
    checked = [_check(line, checks.body, where, queue_id, log) for line in lines]
    return b"\n".join([line for kept in checked for line in kept] + ending)


def _check(line: bytes, table: Maps, where: Where, queue_id: str, log: Log) -> list[bytes]:
    result = table.lookup(line.decode("utf-8", "surrogateescape")) if table and line else None
    if result is None:
        return [line]
    verb, _, argument = result.strip().partition(" ")
    finding = Finding(line, where, verb.upper(), argument.strip(), queue_id, log)
    return ACTIONS.get(finding.verb, _unknown)(finding)


def _keep(finding: Finding) -> list[bytes]:
    return [finding.line]


def _drop(_finding: Finding) -> list[bytes]:
    return []


def _strip(finding: Finding) -> list[bytes]:
    _tell(finding, "strip")
    return []


def _replace(finding: Finding) -> list[bytes]:
    _tell(finding, "replace")
    return [_bytes(finding.argument)]


def _prepend(finding: Finding) -> list[bytes]:
    _tell(finding, "prepend")
    return [_bytes(finding.argument), finding.line]


def _warn(finding: Finding) -> list[bytes]:
    _tell(finding, "warning")
    return [finding.line]


def _info(finding: Finding) -> list[bytes]:
    _tell(finding, "info")
    return [finding.line]


def _unknown(finding: Finding) -> list[bytes]:
    command = f"{finding.verb} {finding.argument}".strip()
    finding.log.warning(f"unsupported command in {finding.where.table} map: {command}")
    return [finding.line]


def _tell(finding: Finding, word: str) -> None:
    line = finding.line.decode("utf-8", "surrogateescape").replace("\n", " ")[:200]
    text = f": {finding.argument}" if finding.argument else ""
    finding.log.info(f"{finding.queue_id}: {word}: {finding.where.context} {line}{text}")


def _bytes(text: str) -> bytes:
    return text.encode("utf-8", "surrogateescape")


ACTIONS: Final[Mapping[str, Callable[[Finding], list[bytes]]]] = {
    "DUNNO": _keep,
    "OK": _keep,
    "IGNORE": _drop,
    "INFO": _info,
    "PREPEND": _prepend,
    "REPLACE": _replace,
    "STRIP": _strip,
    "WARN": _warn,
}
