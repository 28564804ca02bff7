"""main.cf as a value: every parameter, expanded, in the kind that its reader wants.

INPUT AND OUTPUT
    ``Config.read("/etc/postfix")`` reads the file; nothing is expanded before somebody asks,
    and nothing is expanded twice. A Config never changes: ``with_overrides({"biff": "no"})``
    makes another one, as `-o` in master.cf does.

FAILURE
    A value that cannot be read raises ``Fatal`` with Postfix's words: no program starts with
    a configuration that it does not understand.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

from labctl.node.base.log import Fatal
from labctl.node.mta.lib.config import site
from labctl.node.mta.lib.config.expansion import MacroError, expand
from labctl.node.mta.lib.config.parameters import Kind, Parameter, find
from labctl.node.mta.lib.config.quantities import parse_flag, parse_number, parse_seconds
from labctl.node.mta.lib.config.settings_file import read_file
from labctl.node.mta.lib.config.startup_check import check_startup

DEFAULT_DIRECTORY: Final = "/etc/postfix"
DEEPEST: Final = 100
LONGEST_VALUE: Final = 1 << 20
SEPARATORS: Final = re.compile(r"[,\s]+")


class Config:
    """All parameters of one program: main.cf, `-o` overrides, and defaults for the rest."""

    __slots__ = (
        "_cache",
        "_depth",
        "complaints",
        "directory",
        "error",
        "overrides",
        "settings",
        "warn",
    )

    def __init__(
        self,
        settings: Mapping[str, str],
        directory: str = DEFAULT_DIRECTORY,
        overrides: Mapping[str, str] | None = None,
        warn: Callable[[str], None] = lambda text: None,
        complaints: Sequence[str] = (),
        *,
        error: Callable[[str], None] | None = None,
    ) -> None:
        self.settings: Final = settings
        self.directory: Final = directory
        self.overrides: Final = overrides or {}
        # Who hears that a table is stale, or a rule of it is wrong: the log of a daemon.
        self.warn: Final = warn
        # The same, for a table that cannot be opened at all.
        self.error: Final = error or warn
        # What is odd about the lines of main.cf, for whoever has a log or a terminal.
        self.complaints: Final = complaints
        self._cache: dict[tuple[str, str], Any] = {}
        self._depth = 0

    @classmethod
    def read(cls, directory: str | None = None) -> Config:
        """Read main.cf; a later setting of a name replaces an earlier one."""
        directory = directory or os.environ.get("MAIL_CONFIG") or DEFAULT_DIRECTORY
        settings, complaints = read_file(f"{directory}/main.cf")
        config = cls(settings, directory, complaints=complaints)
        try:
            check_startup(config)
        except Fatal as failure:
            failure.warnings = (*complaints, *failure.warnings)
            raise
        return config

    def with_overrides(self, overrides: Mapping[str, str]) -> Config:
        """Return a Config in which these settings win over main.cf."""
        if not overrides:
            return self
        merged = {**self.overrides, **overrides}
        places = (self.settings, self.directory, merged)
        return Config(*places, self.warn, self.complaints, error=self.error)

    def with_warnings_to(
        self, warn: Callable[[str], None], *, error: Callable[[str], None] | None = None
    ) -> Config:
        """Return a Config whose tables complain there."""
        places = (self.settings, self.directory, self.overrides)
        return Config(*places, warn, self.complaints, error=error)

    def is_set(self, name: str) -> bool:
        """Whether main.cf or an override sets the parameter."""
        return name in self.overrides or name in self.settings

    def raw(self, name: str) -> str | None:
        """Return the value as written, or the default as written, or None for no such name."""
        if name in self.overrides:
            return self.overrides[name]
        if name in self.settings:
            return self.settings[name]
        return self.default(name)

    def default(self, name: str) -> str | None:
        """Return the default as written; some depend on the machine."""
        if name == "config_directory":
            return self.directory
        if name in site.DEFAULTS:
            return site.DEFAULTS[name](self)
        parameter = find(name)
        return None if parameter is None else parameter.default

    def text(self, name: str) -> str:
        """Return the value with every `$name` replaced."""
        value: str = self.remember("text", name, self._expanded)
        return value

    def expand(self, text: str) -> str:
        """Replace `$name` in a text that does not come from main.cf."""
        return expand(text, self._lookup)

    def flag(self, name: str) -> bool:
        """Return a `yes` or `no`."""
        flag: bool = self.remember("flag", name, self._flag)
        return flag

    def number(self, name: str) -> int:
        """Return a whole number within its bounds."""
        number: int = self.remember("number", name, self._number)
        return number

    def seconds(self, name: str) -> int:
        """Return a period of time; without a unit it has that of the default."""
        seconds: int = self.remember("seconds", name, self._seconds)
        return seconds

    def checked_text(self, name: str) -> str:
        """Return the value, refused when it is shorter or longer than it may be."""
        text = self.text(name)
        if offence := out_of_bounds(find(name), len(text)):
            raise Fatal(f"bad string length {len(text)} {offence}: {name} = {text}")
        return text

    def words(self, name: str) -> tuple[str, ...]:
        """Return what commas and white space separate; `{ ... }` stays together."""
        words: tuple[str, ...] = self.remember("words", name, self._words)
        return words

    def remember(self, kind: str, name: str, make: Callable[[str], Any]) -> Any:
        """Make what is read out of a parameter once, and keep it as long as this Config."""
        # A daemon asks dozens of times a message, and nearly always it is here.
        try:
            return self._cache[kind, name]
        except KeyError:
            value = self._cache[kind, name] = make(name)
            return value

    def _flag(self, name: str) -> bool:
        text = self.text(name)
        value = parse_flag(text)
        if value is None:
            raise Fatal(f"bad boolean configuration: {name} = {text}")
        return value

    def _number(self, name: str) -> int:
        parameter = find(name)
        text = self.text(name)
        number = parse_number(text, 64 if parameter and parameter.kind is Kind.SIZE else 32)
        if number is None:
            raise Fatal(f"bad numerical configuration: {name} = {text}")
        if offence := out_of_bounds(parameter, number):
            raise Fatal(f"invalid {name} parameter value {number} {offence}")
        return number

    def _seconds(self, name: str) -> int:
        parameter = find(name)
        text = self.text(name)
        seconds = parse_seconds(text, parameter.unit if parameter else "s")
        if seconds is None:
            raise Fatal(f"parameter {name}: bad time value or unit: {text}")
        if offence := out_of_bounds(parameter, seconds):
            side = "min" if offence.startswith("<") else "max"
            raise Fatal(f"invalid {name}: {seconds} ({side} {offence[2:]})")
        return seconds

    def _words(self, name: str) -> tuple[str, ...]:
        return tuple(split_words(self.text(name)))

    def _expanded(self, name: str) -> str:
        raw = self.raw(name)
        if raw is None:
            raise KeyError(f"no parameter is called {name!r}")
        try:
            return self._expand_setting(name, raw)
        except MacroError as error:
            why = "dictionary mail_dict: macro processing error"
            raise Fatal(why, warnings=(str(error),)) from error

    def _expand_setting(self, name: str, raw: str) -> str:
        if "$" not in raw:
            return raw
        if self._depth >= DEEPEST:
            raise MacroError(f'unreasonable macro call nesting: "{name}"')
        self._depth += 1
        try:
            text = expand(raw, self._lookup)
        finally:
            self._depth -= 1
        # `a = $b$b`, `b = $c$c` and so on: thirty lines would fill the memory.
        if len(text) > LONGEST_VALUE:
            raise MacroError(f'value is too long: "{name}"')
        return text

    def _lookup(self, name: str) -> str | None:
        """What `$name` stands for; main.cf may define names of its own."""
        cached = self._cache.get(("text", name))
        if cached is not None:
            return str(cached)
        raw = self.raw(name)
        if raw is None:
            return None
        # Kept: a name that occurs twice in a value that occurs twice is read once.
        value = self._cache["text", name] = self._expand_setting(name, raw)
        return value


def split_words(text: str) -> list[str]:
    """Split at commas and white space, except inside balanced braces."""
    if "{" not in text:
        return [word for word in SEPARATORS.split(text) if word]
    words: list[str] = []
    word, depth = "", 0
    for character in text:
        depth += (character == "{") - (character == "}" and depth > 0)
        if depth == 0 and (character == "," or character.isspace()):
            words.append(word)
            word = ""
        else:
            word += character
    words.append(word)
    return [word for word in words if word]


def out_of_bounds(parameter: Parameter | None, number: int) -> str:
    """Say which bound of the parameter the number passes: `< 512`, or "" for none."""
    least, greatest = parameter.bounds if parameter else (0, 0)
    if least and number < least:
        return f"< {least}"
    return f"> {greatest}" if greatest and number > greatest else ""
