"""Gateline: one list of gates, run over one exact tree, at every door."""

__version__ = "0.1.0"
