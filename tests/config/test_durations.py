"""Lengths of time."""

from __future__ import annotations

import pytest

from gates.config.durations import seconds_of, text_of
from gates.errors import ConfigError


@pytest.mark.parametrize(
    ("text", "seconds"),
    [("500ms", 0.5), ("2s", 2.0), ("10m", 600.0), ("1h", 3600.0), ("2d", 172800.0), ("1.5h", 5400.0), ("0s", 0.0)],
)
def test_a_number_with_a_unit(text: str, seconds: float) -> None:
    assert seconds_of(text) == seconds


@pytest.mark.parametrize(
    "text", ["", "10", "m", "10 m", "-1s", "1e3s", "ten s", "1.2.3s", ".s", "1h30m", "10M", "٣s", "1s "]
)
def test_anything_else_is_refused(text: str) -> None:
    with pytest.raises(ConfigError, match="is not a length of time"):
        seconds_of(text)


@pytest.mark.parametrize("text", ["500ms", "2s", "90s", "10m", "1h", "36h", "2d", "0s", "1.5s"])
def test_a_person_sees_what_a_person_wrote(text: str) -> None:
    assert text_of(seconds_of(text)) == text
