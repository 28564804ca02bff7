"""Which options of postconf(1) go together, and its words for those that do not."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from labctl.node.base.log import Fatal
from labctl.node.mta.commands.options import Options


def check(options: Options) -> Options:
    """Add the -e that `name=value` stands for; refuse what contradicts itself."""
    if options.has("b") and options.has("t"):
        raise Fatal("specify one of -b and -t")
    if _is_edit_by_words(options):
        options = options._replace(pairs=(*options.pairs, ("e", "")))
    for letters in EXCLUSIVE:
        given = _given(options, letters)
        if len(given) > 1:
            raise Fatal(f"specify one of {' '.join(given)}")
    for mode, letters in REFUSED.items():
        excess = _given(options, letters) if options.has(mode) else []
        if excess:
            raise Fatal(f"with option -{mode}, do not specify {' '.join(excess)}")
    if options.has("e") and not options.words:
        raise Fatal("-e requires name=value argument")
    return options


def _is_edit_by_words(options: Options) -> bool:
    alone = not any(options.has(letter) for letter in "aAblmtTe")
    return alone and "=" in next(iter(options.words), "")


def _given(options: Options, letters: str) -> list[str]:
    return [f"-{letter}" for letter in SEQUENCE if letter in letters and options.has(letter)]


SEQUENCE: Final = "aAbdefFhHlmMnopPtTxX#"
EXCLUSIVE: Final = ("aAbFlmMpPtT", "denX#", "efX#", "ehX#", "eHX#", "exX#", "doe", "hH")
_LISTS_ALONE: Final = "defhHnoxX#"
REFUSED: Final[Mapping[str, str]] = {
    **dict.fromkeys("aAblmtT", _LISTS_ALONE),
    "M": "dhHn",
    "F": "dnX#",
    "P": "dn#",
}
