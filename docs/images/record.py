"""Record commands and what they print, with colours, as the SVG picture of a terminal.

    python docs/images/record.py OUT.svg 'git commit -m "Flashed messages for views"' ...

The commands are run in the present folder by bash; what they print is what is drawn.
"""

from __future__ import annotations

import io
import os
import subprocess
import sys

from rich.console import Console
from rich.text import Text

WIDTH = 100


def main(target: str, commands: list[str]) -> None:
    console = Console(record=True, width=WIDTH, file=io.StringIO(), force_terminal=True, color_system="truecolor")
    environ = {**os.environ, "FORCE_COLOR": "1", "COLUMNS": str(WIDTH)}
    for command in commands:
        console.print(Text(f"$ {command}", style="bold"))
        done = subprocess.run(
            ["bash", "-c", command],
            env=environ,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
        )
        console.print(Text.from_ansi(done.stdout))
    console.save_svg(target, title="gateline")


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2:])
