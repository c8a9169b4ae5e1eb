"""Platforms that speak to us while they live, one module each."""

from qunying.connectors.live.connector import Connector
from qunying.connectors.live.dingtalk_robot import DINGTALK_ROBOT
from qunying.connectors.live.discord import DISCORD
from qunying.connectors.live.feishu_robot import FEISHU_ROBOT
from qunying.connectors.live.http import HTTP
from qunying.connectors.live.matrix import MATRIX
from qunying.connectors.live.onebot import ONEBOT
from qunying.connectors.live.telegram import TELEGRAM
from qunying.connectors.live.wecom import WECOM, WECOM_ROBOT

CONNECTORS: tuple[Connector, ...] = (
    TELEGRAM,
    DISCORD,
    ONEBOT,
    HTTP,
    MATRIX,
    FEISHU_ROBOT,
    DINGTALK_ROBOT,
    WECOM,
    WECOM_ROBOT,
)
