"""Show main.cf: all settings, those that were made (-n), defaults (-d), expanded (-x)."""

from __future__ import annotations

import errno
import os
import sys
import time
from collections.abc import Callable, Iterable
from typing import Final, NamedTuple

from labctl.node.base.log import Fatal
from labctl.node.mta.commands.options import Options
from labctl.node.mta.commands.postconf.master_cf_entry import Entry, read_entries
from labctl.node.mta.commands.postconf.names import LEGACY, Names, known_names, pointless
from labctl.node.mta.commands.postconf.output import setting, warn
from labctl.node.mta.lib.config.expansion import MacroError, expand, names_in
from labctl.node.mta.lib.config.main_cf import DEFAULT_DIRECTORY, Config
from labctl.node.mta.lib.config.settings_file import parse_setting, read_file


class Report(NamedTuple):
    """One run: what to show, and how."""

    options: Options
    config: Config
    names: Names
    undefined: set[str]  # what was complained of already

    def raw(self, name: str) -> str | None:
        """Return the value as written, or with -d the default."""
        if not self.options.has("d"):
            return self.config.raw(name)
        return "" if name in LEGACY else self.config.default(name)

    def value(self, name: str) -> str | None:
        """Return the value that is shown."""
        raw = self.raw(name)
        if raw is None or not self.options.has("x"):
            return raw
        return expanded(raw, self.raw, self._complain)

    def _complain(self, name: str) -> None:
        if name not in self.undefined:
            self.undefined.add(name)
            warn(f"{self.config.directory}/main.cf: undefined parameter: {name}")


def expanded(
    raw: str,
    find: Callable[[str], str | None],
    complain: Callable[[str], None],
    name: str = "",
    depth: int = 0,
) -> str:
    """Expand a value; who is mentioned and not defined is complained of."""
    if depth > MAX_DEPTH:
        raise MacroError(f'unreasonable macro call nesting: "{name}"')

    def lookup(inner: str) -> str | None:
        found = find(inner)
        if found is None:
            complain(inner)
            return None
        return expanded(found, find, complain, inner, depth + 1)

    return expand(raw, lookup)


def run(options: Options, directory: str) -> int:
    """Show what was asked for, then complain about what means nothing."""
    config = read_config(options, directory)
    report = Report(options, config, known_names(config, _entries(directory)), set())
    for name in config.settings:
        _check_nesting(report.config, name)
    if options.words:
        for name in options.words:
            _show_named(report, name)
    else:
        for name in _all_names(report):
            _show(report, name)
    if not options.has("d"):
        if not options.has("x"):
            _warn_undefined(config, report.names)
        sys.stdout.flush()
        warn_unused(config, report.names)
    return 0


def _check_nesting(config: Config, name: str) -> None:
    try:
        expanded(config.settings[name], config.raw, lambda undefined: None, name)
    except MacroError as error:
        raise Fatal("macro processing error", warnings=(str(error),)) from error


def _entries(directory: str) -> list[Entry]:
    """Read master.cf; without one there are no services."""
    path = f"{directory}/master.cf"
    if not os.path.exists(path):
        warn(f"open {path}: {os.strerror(errno.ENOENT)}")
        return []
    return read_entries(path)


def read_config(options: Options, directory: str) -> Config:
    """Read main.cf, with what -o says on top of it; say what is odd about the file."""
    settings: dict[str, str] = {}
    if not options.has("d"):
        path = f"{directory}/main.cf"
        # A file that was saved within the last second is read again, as it may not be complete.
        for _ in range(2 if _is_fresh(path) else 1):
            settings, complaints = read_file(path, settings)
            for complaint in complaints:
                warn(complaint)
    if directory != DEFAULT_DIRECTORY:
        settings["config_directory"] = directory
    config = Config(settings, directory, _overrides(options))
    return config.with_overrides({"process_name": "postconf"})


def _is_fresh(path: str) -> bool:
    try:
        return os.stat(path).st_mtime > time.time() - FRESH
    except OSError:
        return False  # whoever reads the file says so


def warn_unused(config: Config, names: Names) -> None:
    """Name the settings of main.cf (and -o) that nothing reads."""
    for complaint in pointless(config, names):
        warn(complaint)


def _overrides(options: Options) -> dict[str, str]:
    overrides: dict[str, str] = {}
    for text in options.values("o"):
        try:
            one = parse_setting(text)
        except Fatal as problem:
            why = str(problem).partition(":")[0]
            raise Fatal(f"invalid parameter override: {text}: {why}") from problem
        overrides[one.name] = one.value
    return overrides


def _warn_undefined(config: Config, names: Names) -> None:
    """Name what a setting mentions, but nobody defines."""
    values = [value for name, value in config.settings.items() if names.knows(name)]
    mentioned = [name for value in values for name in names_in(value)]
    for name in dict.fromkeys(mentioned):
        if not names.knows(name):
            warn(f"{config.directory}/main.cf: undefined parameter: {name}")


def _all_names(report: Report) -> Iterable[str]:
    names = report.names
    chosen = {name for origin in _classes(report.options) for name in getattr(names, origin)}
    if report.options.has("n"):
        made = set(report.config.settings) | set(report.config.overrides) - {"process_name"}
        chosen &= made
    if report.options.has("d"):
        chosen = {name for name in chosen if report.raw(name) is not None}
    return sorted(chosen)


def _classes(options: Options) -> set[str]:
    text = options.value("C") or "all"
    words = text.replace(",", " ").split()
    for word in words:
        if word not in CLASSES:
            raise Fatal(f'unknown -C option value "{word}" in "{text}"')
    return {origin for word in words for origin in CLASSES[word]}


def _show_named(report: Report, name: str) -> None:
    is_legacy = name in LEGACY and report.options.has("d")
    if not (is_legacy or report.names.knows(name)) or report.raw(name) is None:
        warn(f"{name}: unknown parameter")
        return
    if report.options.has("n") and not report.config.is_set(name):
        return
    _show(report, name)


def _show(report: Report, name: str) -> None:
    has = report.options.has
    try:
        value = report.value(name)
    except MacroError as error:
        raise Fatal("macro processing error", warnings=(str(error),)) from error
    if value is not None:
        fold, names, values = has("f"), not has("h"), not has("H")
        print(setting(name, value, fold=fold, names=names, values=values))


MAX_DEPTH: Final = 100
FRESH: Final = 1.0  # seconds
CLASSES: Final = {
    "all": ("builtin", "service", "user"),
    "builtin": ("builtin",),
    "service": ("service",),
    "user": ("user",),
}
