"""Show main.cf: all settings, those that were made (-n), defaults (-d), expanded (-x)."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final, NamedTuple

from labctl.node.base.log import Fatal
from labctl.node.mta.commands.options import Options
from labctl.node.mta.commands.postconf.names import Names, known_names, services_of, unused
from labctl.node.mta.commands.postconf.output import setting, warn
from labctl.node.mta.lib.config.expansion import MacroError, expand, names_in
from labctl.node.mta.lib.config.logical_lines import WHITE_SPACE, logical_lines
from labctl.node.mta.lib.config.main_cf import Config
from labctl.node.mta.lib.config.settings_file import Setting, parse_setting, read_settings


class Report(NamedTuple):
    """One run: what to show, and how."""

    options: Options
    config: Config
    names: Names

    def raw(self, name: str) -> str | None:
        """Return the value as written, or with -d the default."""
        if self.options.has("d"):
            return self.config.default(name)
        return self.config.raw(name)

    def value(self, name: str) -> str | None:
        """Return the value that is shown."""
        raw = self.raw(name)
        if raw is None or not self.options.has("x"):
            return raw
        return self._expanded(raw, 0, name)

    def _expanded(self, raw: str, depth: int, name: str) -> str:
        if depth > MAX_DEPTH:
            raise MacroError(f'unreasonable macro call nesting: "{name}"')

        def lookup(inner: str) -> str | None:
            found = self.raw(inner)
            if found is None:
                warn(f"{self.config.directory}/main.cf: undefined parameter: {inner}")
                return None
            return self._expanded(found, depth + 1, inner)

        return expand(raw, lookup)


def run(options: Options, directory: str) -> int:
    """Show what was asked for, then complain about what means nothing."""
    config = read_config(options, directory)
    services = services_of(directory)
    report = Report(options, config, known_names(config, services))
    if options.words:
        for name in options.words:
            _show_named(report, name)
    else:
        for name in _all_names(report):
            _show(report, name)
    if not options.has("d"):
        if not options.has("x"):
            _warn_undefined(config, report.names)
        warn_unused(config, report.names)
    return 0


def read_config(options: Options, directory: str) -> Config:
    """Read main.cf, with what -o says on top of it; say what is odd about the file."""
    path = f"{directory}/main.cf"
    _warn_indented(path)
    lines = list(read_settings(path))
    settings: dict[str, str] = {}
    # Postfix reads the file again to expand values, and again to tell what was set; the last
    # setting of a name then stands before the first one.
    for _ in range(2 if options.has("n") or options.has("x") else 1):
        for one in lines:
            _warn_overriding(path, one, settings.get(one.name, one.value))
            settings[one.name] = one.value
    config = Config(settings, directory, _overrides(options))
    # Every program of Postfix refuses a level that it cannot read.
    return config.with_overrides({"process_name": "postconf"})


def warn_unused(config: Config, names: Names) -> None:
    """Name the settings of main.cf (and -o) that nothing reads."""
    settings = {**config.settings, **config.overrides}
    for name, value in unused(settings, names):
        warn(f"{config.directory}/main.cf: unused parameter: {name}={value}")


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


def _warn_overriding(path: str, setting: Setting, earlier: str) -> None:
    if setting.value != earlier:
        entry = f"{setting.name}={earlier}"
        warn(f"{path}, line {setting.line}: overriding earlier entry: {entry}")


def _warn_undefined(config: Config, names: Names) -> None:
    """Name what a setting mentions, but nobody defines."""
    values = [value for name, value in config.settings.items() if names.knows(name)]
    mentioned = [name for value in values for name in names_in(value)]
    for name in dict.fromkeys(mentioned):
        if not names.knows(name):
            warn(f"{config.directory}/main.cf: undefined parameter: {name}")


def _warn_indented(path: str) -> None:
    try:
        with open(path, encoding="utf-8", errors="surrogateescape") as lines:
            first = next(logical_lines(lines), None)
    except OSError:
        return  # whoever reads the file says so
    if first is not None and first.text[0] in WHITE_SPACE:
        warn(f'{path}: logical line must not start with whitespace: "{first.text[:30]}"')


def _all_names(report: Report) -> Iterable[str]:
    names = report.names
    classes = report.options.value("C") or "all"
    if classes not in CLASSES:
        raise Fatal(f'unknown -C option value "{classes}" in "{classes}"')
    chosen = {name for origin in CLASSES[classes] for name in getattr(names, origin)}
    if report.options.has("n"):
        made = set(report.config.settings) | set(report.config.overrides) - {"process_name"}
        chosen &= made
    if report.options.has("d"):
        chosen = {name for name in chosen if report.raw(name) is not None}
    return sorted(chosen)


def _show_named(report: Report, name: str) -> None:
    if not report.names.knows(name) or report.raw(name) is None:
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
CLASSES: Final = {
    "all": ("builtin", "service", "user"),
    "builtin": ("builtin",),
    "service": ("service",),
    "user": ("user",),
}
