"""WeCom: the app of a corporation, and the robot of a single internal group."""

from qunying.connectors.live.wecom.connector import WECOM
from qunying.connectors.live.wecom.robot import WECOM_ROBOT

__all__ = ["WECOM", "WECOM_ROBOT"]
