"""Copies of this process: a block with the flag c goes its own way with its own message.

STATES
    original --fork--> clone waits --original has ended its own work--> clone goes on
    With w or W the original waits for the clone instead.

WHY THE CLONE WAITS
    procmail starts it at once; which of the two writes first to the log and to the folders is
    then up to the scheduler.  Original first is what one sees nearly always.
"""

from __future__ import annotations

import os

from labctl.node.procmail.rcfile import Recipe
from labctl.node.procmail.state import Processor


def fork(processor: Processor, recipe: Recipe) -> bool:
    """True in the clone; False in the original, which passes the block over."""
    processor.diary.detail('Forking "procmail"')
    reader, writer = os.pipe()
    child = os.fork()
    if child:
        os.close(reader)
        processor.clones.append((child, writer))
        if recipe.flags & {"w", "W"}:
            release(processor)
        return False
    # Whoever holds the end of a pipe keeps its clone waiting: that is the original's part.
    for gate in (writer, *(gate for _, gate in processor.clones)):
        os.close(gate)
    processor.clones = []
    os.read(reader, 1)  # the end of the file: the original lets us begin
    os.close(reader)
    processor.diary.stamp_if_verbose()
    return True


def release(processor: Processor) -> None:
    """The clones may begin; when we return, they have ended."""
    for child, gate in processor.clones:
        os.close(gate)
        os.waitpid(child, 0)
    processor.clones = []
