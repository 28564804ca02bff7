"""What postmap(1) and postalias(1) have in common: build, query, list, delete.

INPUT AND OUTPUT
    ``run(argv, dialect)`` obeys the options and returns the exit status: 0, or 1 when a query
    or a deletion found nothing. Complaints about lines go to standard error.
"""

from __future__ import annotations

import base64
import os
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Final, NamedTuple

from labctl.node.base.log import Fatal
from labctl.node.mta.commands.options import Options, parse_options, pass_any_bytes
from labctl.node.mta.lib.config.main_cf import Config
from labctl.node.mta.lib.maps import TYPES, MapError, Table, open_table
from labctl.node.mta.lib.maps.build import INCREMENTAL, INDEXED, Policy, Update, existing
from labctl.node.mta.lib.maps.source import Entry


class Dialect(NamedTuple):
    """How the two commands differ."""

    name: str
    letters: str  # getopt(3)
    usage: str
    entries: Callable[[Iterable[str]], Iterator[Entry]]
    finish: Callable[[Update, Config], None]  # adds what every such table has
    row: str  # how -s and "-q -" print an entry


class Job(NamedTuple):
    """One run of the command."""

    dialect: Dialect
    options: Options
    config: Config
    tables: tuple[tuple[str, str], ...]  # (type, name)

    def warn(self, text: str) -> None:
        """Say something on standard error."""
        print(f"{self.dialect.name}: warning: {text}", file=sys.stderr)

    def print_row(self, key: str, value: str) -> None:
        """Print an entry."""
        print(self.dialect.row.format(key, value), flush=False)

    @property
    def policy(self) -> Policy:
        """What the options say about duplicates and so on."""
        has = self.options.has
        return Policy(not has("f"), has("r"), has("w"), not has("p"))


def run(argv: Sequence[str], dialect: Dialect) -> int:
    """Obey the options; the last of -q, -d and -s says what to do."""
    options = parse_options(argv, dialect.letters, dialect.usage)
    modes = [mode for mode in MODES if options.has(mode)]
    if len(modes) > 1:
        raise Fatal("specify only one of -s or -q or -d")
    if any(options.has(part) for part in "bhm") and options.value("q") != "-":
        raise Fatal('specify -b -h or -m only with "-q -"')
    if not options.words:
        raise Fatal(f"usage: {dialect.usage}")
    pass_any_bytes()
    config = Config.read(options.value("c"))
    tables = tuple(_table(word, config) for word in options.words)
    work = MODES[modes[0]] if modes else _change
    job = Job(dialect, options, config, tables)
    for complaint in config.complaints:
        job.warn(complaint)
    return work(job)


def _table(word: str, config: Config) -> tuple[str, str]:
    kind, colon, name = word.partition(":")
    return (kind, name) if colon else (config.text("default_database_type"), word)


def _change(job: Job) -> int:
    for kind, name in job.tables:
        if job.options.has("i"):
            _extend(job, kind, name)
        else:
            _build(job, kind, name)
    return 0


def _build(job: Job, kind: str, name: str) -> None:
    try:
        source = open(name, encoding="utf-8", errors="surrogateescape")  # noqa: SIM115
    except OSError as error:
        raise Fatal(f"open {name}: {error.strerror}") from error
    with source:
        if kind not in INDEXED:
            raise Fatal(_cannot(job, kind))
        update = Update(kind, name, job.policy, job.warn)
        update.add_lines(_values(job, job.dialect.entries(source), name), name)
        job.dialect.finish(update, job.config)
        update.save(os.fstat(source.fileno()))


def _extend(job: Job, kind: str, name: str) -> None:
    """Add the entries of standard input."""
    _require_incremental(job, kind, name)
    update = Update(kind, name, job.policy, job.warn)
    update.start_with_existing(kind, name, job.config)
    update.add_lines(_values(job, job.dialect.entries(sys.stdin), "stdin"), "stdin")
    update.save(existing(update.path) or existing(name))


def _cannot(job: Job, kind: str) -> str:
    if kind not in TYPES:
        return f"unsupported dictionary type: {kind}"
    return f"unsupported dictionary type: {kind} does not support bulk-mode creation."


def _require_incremental(job: Job, kind: str, name: str) -> None:
    if kind == "cdb":
        only = "specify O_RDONLY or O_WRONLY|O_CREAT|O_TRUNC"
        raise Fatal(f"dict_cdb_open: inappropriate open flags for cdb database - {only}")
    if kind not in INCREMENTAL:
        raise Fatal(_cannot(job, kind))


def _values(job: Job, entries: Iterable[Entry], source: str) -> Iterator[Entry]:
    """With -F a value names files, whose content the table holds in base 64."""
    if not job.options.has("F"):
        yield from entries
        return
    for entry in entries:
        try:
            names = [name for name in entry.value.replace(",", " ").split() if name]
            content = b"".join(_content(name) for name in names)
        except OSError as error:
            why = f"open {error.filename}: {error.strerror}: skipping this entry"
            yield entry._replace(value="", complaint=why)
            continue
        yield entry._replace(value=base64.b64encode(content).decode())


def _content(name: str) -> bytes:
    with open(name, "rb") as file:
        return file.read()


def _query(job: Job) -> int:
    key = job.options.value("q") or ""
    tables = [_open(job, kind, name) for kind, name in job.tables]
    if key != "-":
        for table in tables if key else ():
            value = _ask(job, table, key)
            if value is not None:
                print(value)
                return 0
        return 1
    found = False
    for line in _keys(job):
        for table in tables:
            value = _ask(job, table, line)
            if value is not None:
                job.print_row(line, value)
                found = True
                break
    return 0 if found else 1


def _keys(job: Job) -> Iterator[str]:
    """Yield the keys of standard input: lines, or parts of a message."""
    if job.options.has("m") and not any(job.options.has(part) for part in "bh"):
        job.warn("ignoring -m option without -b or -h")
    if not any(job.options.has(part) for part in "bh"):
        yield from (line.rstrip("\n") for line in sys.stdin)
        return
    # Messages are rarely looked up by hand; the others need not wait for this import.
    from labctl.node.mta.commands.message_keys import message_keys

    yield from message_keys(sys.stdin, {part for part in "bhm" if job.options.has(part)})


def _list(job: Job) -> int:
    kind, name = job.tables[0]
    table = _open(job, kind, name)
    if kind not in LISTED:
        what = f"{kind}:{name}.cdb" if kind == "cdb" else f"{kind}:{name}"
        raise Fatal(f"table {what}: sequence operation is not supported")
    try:
        for key, value in table.items():
            job.print_row(key, _decoded(job, value))
    except MapError as error:
        raise Fatal(f"table {kind}:{name}: sequence error: {error}") from error
    return 0


def _delete(job: Job) -> int:
    key = job.options.value("d") or ""
    found = False
    for kind, name in job.tables:
        if kind in READ_ONLY:
            raise Fatal(f"{kind}:{name} map requires O_RDONLY access mode")
        if kind == "cdb":
            _require_incremental(job, kind, name)
        opened = _open(job, kind, name)
        if kind not in INCREMENTAL:
            raise Fatal(f"table {kind}:{name}: delete operation is not supported")
        update = Update(kind, name, job.policy, job.warn)
        update.entries = dict(opened.items())
        keys = [line.rstrip("\n") for line in sys.stdin] if key == "-" else [key]
        removed = [one for one in keys if update.remove(one)]
        if removed:
            update.save(existing(update.path))
            found = True
        if key != "-" and found:
            break
    return 0 if found else 1


def _open(job: Job, kind: str, name: str) -> Table:
    config = job.config.with_warnings_to(job.warn)
    table = open_table(f"{kind}:{name}", config, fold=job.policy.fold)
    for warning in table.warnings:
        job.warn(warning)
    return table


def _ask(job: Job, table: Table, key: str) -> str | None:
    try:
        value = table.lookup(key)
    except MapError as error:
        kind, name = job.tables[0]
        raise Fatal(f"table {kind}:{name}: query error: {error}") from error
    if value == "":
        kind, name = job.tables[0]
        job.warn(f"table {kind}:{name}: key {key}: empty string result is not allowed")
        job.warn(f"table {kind}:{name} should return NO RESULT in case of NOT FOUND")
    return None if value is None else _decoded(job, value)


def _decoded(job: Job, value: str) -> str:
    if not job.options.has("F"):
        return value
    try:
        return base64.b64decode(value, validate=True).decode("utf-8", "surrogateescape")
    except ValueError as error:
        kind, name = job.tables[0]
        job.warn(f"table {kind}:{name}: malformed BASE64 value: {value}")
        raise Fatal(f"table {kind}:{name}: query error") from error


MODES: Final = {"s": _list, "q": _query, "d": _delete}
LISTED: Final = ("btree", "fail", "hash", "inline", "lmdb", "proxy", "texthash")
READ_ONLY: Final = ("texthash", "regexp", "pcre", "cidr", "inline", "environ", "unix")
