"""A finished run and its folder on disk."""

from ewsim.result.record import AlertSummary, Assumption, Identity, PageWriter, Result, check_output

__all__ = ["AlertSummary", "Assumption", "Identity", "PageWriter", "Result", "check_output"]
