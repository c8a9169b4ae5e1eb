"""Verbs of metrics: keep a platform's own figures; share a report, comment on it, note who took it out."""

from qunying.metrics.actions.figures import forget_batch, forget_owner, keep_figures

__all__ = ["forget_batch", "forget_owner", "keep_figures"]
