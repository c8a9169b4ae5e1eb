"""All metrics of this app, gathered from the files that hold them."""

from qunying.metrics import activity, flows, lifecycle, newcomers, response, retention, voice

METRICS = (
    *flows.METRICS,
    *activity.METRICS,
    *retention.METRICS,
    *newcomers.METRICS,
    *lifecycle.METRICS,
    *response.METRICS,
    *voice.METRICS,
)
