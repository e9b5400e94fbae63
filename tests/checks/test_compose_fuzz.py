"""Whatever stands where in a Compose file: the gate ends with findings, never with a crash."""

from __future__ import annotations

import tempfile
from pathlib import Path

import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from gates.finding import Finding
from tests.checks.test_compose import examine

KEYS = """
    web db services volumes networks secrets image links depends_on labels extends include lb_config port_rules service
    build ports environment network_mode healthcheck health_check volumes_from external_links io.rancher.sidekicks
    version x-own a:1 2 ${X} container:web service:db source type volume
"""
WORDS = st.sampled_from(KEYS.split())
SCALARS = st.one_of(
    st.none(), st.booleans(), st.integers(-5, 99), st.floats(allow_nan=False), WORDS, st.text(max_size=5)
)
VALUES = st.recursive(
    SCALARS,
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(WORDS, inner, max_size=4)),
    max_leaves=12,
)
SERVICES = st.dictionaries(WORDS, st.dictionaries(WORDS, VALUES, max_size=5), max_size=3)
FILES = st.one_of(
    SERVICES,
    st.fixed_dictionaries(
        {"services": SERVICES},
        optional={"version": st.sampled_from(["2", "2.4", "3", 2]), "volumes": VALUES, "networks": VALUES},
    ),
    VALUES,
)


@settings(max_examples=50, deadline=None)
@given(FILES, FILES)
def test_no_file_breaks_the_gate(docker: object, rancher: object) -> None:
    with tempfile.TemporaryDirectory() as folder:
        outcome = examine(
            Path(folder),
            docker_compose=yaml.safe_dump(docker),
            rancher_compose=yaml.safe_dump(rancher),
            require_health_check="yes",
        )
    assert outcome.evidence.parse_errors or outcome.evidence.files == 2
    assert all(isinstance(finding, Finding) and finding.message for finding in outcome.findings)
