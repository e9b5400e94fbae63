"""The benchmark reads pairs that somebody has labelled, laid out as BigCloneBench lays out its own."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from tests.checks.copypaste.edited_samples import EDITED, LOAD
from tests.checks.copypaste.scene import function

BENCHMARK = Path(__file__).parents[3] / "benchmarks" / "clones_quality.py"
PAIRS = """\
type-3 strong,default/load.py,1,12,selected/more.py,4,15
none,default/load.py,1,12,selected/other.py,1,12
"""


def test_a_labelled_set_is_measured(tmp_path: Path) -> None:
    files = {
        "default/load.py": LOAD,
        "selected/more.py": "import os\n\n\n" + EDITED,
        "selected/other.py": function("load_users"),
    }
    for name, text in files.items():
        (tmp_path / "files" / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "files" / name).write_text(text)
    (tmp_path / "pairs.csv").write_text(PAIRS)
    words = ["labelled", "--language", "python", "--pairs", str(tmp_path / "pairs.csv"), "--files"]
    tools = ["--tool", "gateline --type 3", "--tool", "gateline --type 1"]
    done = subprocess.run(
        [sys.executable, str(BENCHMARK), *words, str(tmp_path / "files"), *tools],
        capture_output=True,
        text=True,
        check=True,
    )
    head, _, *rows = done.stdout.splitlines()
    assert head.startswith("| tool | type-3 strong (1) | none (1) |")
    assert rows[0].startswith("| gateline --type 3 | 100.0 | 0.0 |")
    assert rows[1].startswith("| gateline --type 1 | 0.0 | 0.0 |")
