"""What a person looks at: the report, the replay, figures. Numbers come from `ewsim.metrics` alone."""

from ewsim.report.page import render, write
from ewsim.report.plots import plot_map, plot_reach

__all__ = ["plot_map", "plot_reach", "render", "write"]
