"""The custom robots of Feishu and DingTalk: one group each, with the signature, keyword and limits of the real ones."""

from __future__ import annotations

import base64
import hashlib
import hmac
import time
from collections import deque

from qunying.demo.simulators.server import Call, Reply, Simulator

HOUR = 3600


class Robot(Simulator):
    """A robot with an address `key`, and where given a `secret` to sign with and a `keyword` each message must have.
    `said` is what stands in its group."""

    def __init__(self, key: str, *, secret: str = "", keyword: str = "", port: int = 0) -> None:
        self.key, self.secret, self.keyword = key, secret, keyword
        self.said: list[str] = []
        self.times: deque[float] = deque()
        super().__init__(port)

    def is_over(self, most: int, seconds: float) -> bool:
        return sum(at > time.time() - seconds for at in self.times) >= most

    def say(self, text: str) -> None:
        self.times.append(time.time())
        self.said.append(text)

    def signed(self, key: str, message: str) -> str:
        return base64.b64encode(hmac.new(key.encode(), message.encode(), hashlib.sha256).digest()).decode()


class FeishuRobot(Robot):
    """Feishu's: at most 100 a minute and 5 a second, signed within the hour."""

    def answer(self, call: Call) -> Reply:
        told, text = call.json(), ""
        if call.path != f"/open-apis/bot/v2/hook/{self.key}":
            return _feishu(19001, "param invalid: incoming webhook access token invalid")
        at = str(told.get("timestamp", ""))
        if self.secret and not self._is_signed(at, str(told.get("sign", ""))):
            return _feishu(19021, "sign match fail or timestamp is not within one hour from current time")
        if "msg_type" not in told:
            return _feishu(19002, "params error, msg_type need")
        content = told.get("content")
        text = str(content.get("text", "")) if isinstance(content, dict) else ""
        if self.keyword not in text:
            return _feishu(19024, "Key Words Not Found")
        with self.lock:
            if self.is_over(100, 60) or self.is_over(5, 1):
                return _feishu(11232, "frequency limited psm[lark.oapi.app_platform_runtime]")
            self.say(text)
        return _feishu(0, "success")

    def _is_signed(self, at: str, sign: str) -> bool:
        is_near = at.isdigit() and abs(time.time() - int(at)) <= HOUR
        return is_near and hmac.compare_digest(sign, self.signed(f"{at}\n{self.secret}", ""))


class DingTalkRobot(Robot):
    """DingTalk's: at most 20 a minute, then silent for ten; signed within the hour."""

    silent_until = 0.0

    def answer(self, call: Call) -> Reply:
        if call.path != "/robot/send" or call.query.get("access_token") != self.key:
            return _dingtalk(300005, "token is not exist")
        if self.secret and not self._is_signed(call.query.get("timestamp", ""), call.query.get("sign", "")):
            return _dingtalk(310000, "sign not match")
        text = call.json().get("text")
        words = str(text.get("content", "")) if isinstance(text, dict) else ""
        if not words:
            return _dingtalk(40035, "缺少参数 json")
        if self.keyword not in words:
            return _dingtalk(310000, "keywords not in content")
        with self.lock:
            if self.is_over(20, 60):
                self.silent_until = time.time() + 600
            if time.time() < self.silent_until:
                return _dingtalk(130101, "send too fast, exceed 20 times per minute")
            self.say(words)
        return _dingtalk(0, "ok")

    def _is_signed(self, at: str, sign: str) -> bool:
        is_near = at.isdigit() and abs(time.time() * 1000 - int(at)) <= HOUR * 1000
        return is_near and hmac.compare_digest(sign, self.signed(self.secret, f"{at}\n{self.secret}"))


def _feishu(code: int, words: str) -> Reply:
    return Reply({"code": code, "msg": words, "data": {}})


def _dingtalk(code: int, words: str) -> Reply:
    return Reply({"errcode": code, "errmsg": words})
