"""smtp_header_checks and their kin: a last look at what leaves, line by line.

header_checks(5): the message has been accepted already, so that nothing can be refused here;
a header may be dropped, replaced, or given another in front, and what was found is logged.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Final, NamedTuple

from labctl.node.base.log import Log
from labctl.node.mta.lib.config.main_cf import Config
from labctl.node.mta.lib.maps import Maps, maps_of
from labctl.node.wire import headers
from labctl.node.wire.headers import Kind
from labctl.node.wire.mime import HeaderClass


class Table(NamedTuple):
    """One of the parameters, and what its tables say."""

    name: str  # "smtp_header_checks", ...
    maps: Maps


class Checks(NamedTuple):
    """The tables, by what they look at."""

    header: Table
    mime_header: Table
    nested_header: Table
    body: Table

    @classmethod
    def of(cls, config: Config, prefix: str) -> Checks:
        names = (f"{prefix}_{name}_checks" for name in cls._fields)
        return cls(*(Table(name, maps_of(config, name)) for name in names))

    def __bool__(self) -> bool:
        return any(table.maps for table in self)

    def table(self, header_class: HeaderClass, header: bytes) -> Table:
        """header_checks(5): which headers go to which table; those of MIME have their own."""
        if headers.KNOWN.get(headers.name(header), Kind.NONE) is Kind.MIME:
            return self.mime_header
        return {
            HeaderClass.PRIMARY: self.header,
            HeaderClass.MULTIPART: self.mime_header,
            HeaderClass.NESTED: self.nested_header,
        }[header_class]


class Finding(NamedTuple):
    """A line, what the table says to do with it, and who logs it."""

    line: bytes
    context: str  # "header" or "body"
    table: str
    verb: str
    argument: str
    tell: Callable[[str], None]  # into the log, behind the queue id
    warn: Callable[[str], None]


def check_header(header: bytes, table: Table, queue_id: str, log: Log) -> list[bytes]:
    """The headers that stand in place of this one."""
    return _check(header, "header", table, queue_id, log)


def check_body_line(line: bytes, table: Table, queue_id: str, log: Log) -> list[bytes]:
    """The lines that stand in place of this one."""
    return _check(line, "body", table, queue_id, log)


def _check(line: bytes, context: str, table: Table, queue_id: str, log: Log) -> list[bytes]:
    text = line.decode("utf-8", "surrogateescape")
    result = table.maps.lookup(text) if table.maps and line else None
    if result is None:
        return [line]
    verb, _, argument = result.strip().partition(" ")

    def tell(words: str) -> None:
        log.info(f"{queue_id}: {words}")

    finding = Finding(
        line, context, table.name, verb.upper(), argument.strip(), tell, log.warning
    )
    if finding.verb in WITH_TEXT and not finding.argument:
        finding.warn(f"{finding.verb} action without text in {table.name} map")
        return [line]
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
    finding.warn(f"unsupported command in {finding.table} map: {command}")
    return [finding.line]


def _tell(finding: Finding, word: str) -> None:
    line = _shown(finding.line.decode("utf-8", "surrogateescape"))[:SHOWN]
    text = f": {_shown(finding.argument)}" if finding.argument else ""
    finding.tell(f"{word}: {finding.context} {line}{text}")


def _shown(text: str) -> str:
    return CONTROL.sub("?", text)


def _bytes(text: str) -> bytes:
    return text.encode("utf-8", "surrogateescape")


SHOWN: Final = 200
CONTROL: Final = re.compile("[\x00-\x1f\x7f]")
WITH_TEXT: Final = frozenset({"PREPEND", "REPLACE"})
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
