"""What a person looks at: the report, the replay. Numbers come from `ewsim.metrics` alone."""

from ewsim.report.page import render, write

__all__ = ["render", "write"]
