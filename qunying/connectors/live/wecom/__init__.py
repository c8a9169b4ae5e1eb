"""WeCom: the app of a corporation, and the robot of a single internal group."""

from qunying.connectors.live.wecom.connector import WECOM

__all__ = ["WECOM"]
