"""inline:{key=value, {key = text with, commas}}: a small table within main.cf itself."""

from __future__ import annotations

from labctl.node.base.log import Fatal
from labctl.node.mta.lib.config.main_cf import split_words
from labctl.node.mta.lib.maps.memory import MemoryTable
from labctl.node.mta.lib.maps.table import Request

NEED = 'need "inline:{name=value...}"'


def open_table(request: Request) -> MemoryTable:
    """Open inline:{...}; a key that occurs twice has its last value."""
    text = request.name
    words = split_words(text[1:-1]) if text.startswith("{") and text.endswith("}") else []
    if not text[1:-1].strip(" \t,") and len(text) > len("{}") and text.endswith("}"):
        raise Fatal(f'empty table: "{request.table}"; {NEED}')
    if not words or _first_group(text) != text:
        raise Fatal(f'bad syntax: "{request.table}"; {NEED}')
    return MemoryTable(dict(_entry(word, request) for word in words))


def _first_group(text: str) -> str:
    """As much of the text as the brace at its beginning encloses, with both braces."""
    depth = 0
    for end, character in enumerate(text, start=1):
        depth += (character == "{") - (character == "}")
        if depth == 0:
            return text[:end]
    return ""


def _entry(word: str, request: Request) -> tuple[str, str]:
    if word.startswith("{") and _first_group(word) != word:
        complaint = f"syntax error after '}}' in \"{word}\""
        raise Fatal(f'{complaint}: "{request.table}"; {NEED}')
    setting = word[1:-1] if word.startswith("{") and word.endswith("}") else word
    key, equals, value = setting.partition("=")
    if not equals:
        complaint = "missing '=' after attribute name"
        raise Fatal(f'{complaint}: "{request.table}"; {NEED}')
    return key.strip().lower(), value.strip()
