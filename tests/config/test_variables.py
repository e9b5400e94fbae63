"""`${NAME}` where it is documented."""

from __future__ import annotations

import pytest

from gates.config import expand
from gates.errors import ConfigError


@pytest.mark.parametrize(
    ("text", "expanded"),
    [
        ("https://${HOST}/v1", "https://rancher/v1"),
        ("${HOST}${HOST}", "rancherrancher"),
        ("$HOST ${} ${1} $", "$HOST ${} ${1} $"),
        ("$${HOST}", "${HOST}"),
        ("${LOOP}", "${HOST}"),
        ("${EMPTY}", ""),
        ("plain", "plain"),
    ],
)
def test_expand(text: str, expanded: str) -> None:
    assert expand(text, {"HOST": "rancher", "LOOP": "${HOST}", "EMPTY": ""}) == expanded


def test_a_variable_that_is_not_set_is_named_and_no_value_is_shown() -> None:
    with pytest.raises(ConfigError, match="the variable MISSING is not set") as caught:
        expand("${SECRET}${MISSING}", {"SECRET": "hunter2"})
    assert "hunter2" not in str(caught.value)
