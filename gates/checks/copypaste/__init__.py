"""The copypaste gate: code that stands in more than one place, told when a change brings it."""

from __future__ import annotations

import gc
import os

TYPE_CHECKING = False
if TYPE_CHECKING:
    from gates.checks.base import GateContext
    from gates.outcome import Outcome

__all__ = ["GATE", "RULES"]

# No linear algebra is done here. A pool of threads for it would cost its start and its memory.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

RULES = {
    "copied-code": {
        "meaning": "The same code stands in two places or more; comments, layout and line breaks do not count.",
        "why": "A mistake in it must be found and mended in every place. Sooner or later one is forgotten.",
        "fix": "Move the code into one function, class or template, and call it from both places.",
        "suppress": "`gateline: allow-copy <hash> <reason>` in a comment above the code; the finding tells the hash.",
    },
    "missed-twin": {
        "meaning": "The change edits one copy of some code, and other copies of it are as they were.",
        "why": "What was wrong here is most likely wrong there too.",
        "fix": "Make the same edit in the places named, or better: make one of all of them.",
        "suppress": "`gateline: allow-copy <hash> <reason>` above the changed copy; or `missed_twins: false`.",
    },
    "idle-comment": {
        "meaning": "A comment `gateline: allow-copy` allows nothing: no copy is there, or its hash is of other code.",
        "why": "A comment that has lost its code says something that is not true any more.",
        "fix": "Take the comment away. Where the code is still to be a copy, write the hash that the finding tells.",
        "suppress": "Not needed: it is only told, and never blocks.",
    },
}
"""What `gateline explain` says of each rule."""


class CopypasteGate:
    """Gate of kind `copypaste`; see docs/reference/gates/copypaste.md."""

    kind = "copypaste"
    scope = "files"
    needs_all_files = True
    compares_itself = True

    def examine(self, context: GateContext) -> Outcome:
        collects = gc.isenabled()
        gc.disable()  # what is made at the import stays; to look through it again and again takes 4 ms
        from gates.checks.copypaste.examine import examine  # with numpy, so only where it is used

        if collects:
            gc.enable()
        return examine(context)


GATE = CopypasteGate()
