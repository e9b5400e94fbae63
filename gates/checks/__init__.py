"""The gates: one file (or folder) each, all behind the protocols in `gates.checks.base`."""
