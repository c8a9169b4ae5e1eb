"""How much a decoded text looks like Chinese somebody wrote, by common characters and punctuation."""

from __future__ import annotations

_COMMON = (
    # Simplified and shared, about by frequency.
    "的一是不了在人有我他这个们中来上大为和国地到以说时要就出会可也你对生能而子那得于着下自之年过发后作里用道行所然家种事成方多经"
    "么去法学如都同现当没动面起看定天分还进好小部其些主样理心她本前开但因只从想实日军者意无力它与长把机十民第公此已工使情明性知全"
    "三又关点正业外将两高间由问很最重并物手应向头文体政美相见被利什二等产或新己制身果加西斯月话合回特代内信表化老给世位次度门任常先"
    "海通教儿原东声提立及比员解水名真论处走义各入几口认条平系气题活尔更别打女变四神总何电数安少报才结反受目太量再感建务做接必场件计"
    "管期市直德资命山金指克许统区保至队形社便空决治展马科司五基眼书非则听白却界达光放强即像难且权思王象完设式色路记南品住告类求据程"
    "北边死张该交规万取拉格望觉术领共确传师观清今切院让识候带导争运笔钱吃买卖店单群聊茶福送奖晚早午谢吗吧呢啊哦哈嗯红包券打卡抽优惠"
    "购客服邀请退复图片录音频链视频消息系统管员参与限免费领取快递发货价元款号码扫微信朋友圈关注分享第周六七八九零百千半秒"
    # Traditional forms.
    "這個們來為國說時會對發後裡過種經學現當沒動還進樣開從實無與長機間問關點業將兩頭體見產話員變總電數報結務場計資統區隊決書則聽達強"
    "難權設記類邊張該規萬術領確傳師觀讓識帶導爭運筆錢買賣單獎謝嗎紅優購請復圖錄視頻訊參與費領遞貨價號碼掃圈註週歡迎訂購寶貝囉喔啦"
)
_MARKS = "，。、；：？！“”‘’（）《》【】「」『』…—～·￥％＋－＝０１２３４５６７８９　"
_COMMON_SET = frozenset(_COMMON)
_MARK_SET = frozenset(_MARKS)


def score(text: str) -> float:
    """Mean worth of a character: about 1 for real Chinese or plain English, below 0 for a wrong decoding."""
    return sum(map(_worth, text)) / len(text) if text else 0.0


def _worth(letter: str) -> float:
    if letter < "\x7f":
        return 1.0 if letter >= " " or letter in "\t\r\n" else -3.0
    if letter in _COMMON_SET:
        return 1.5
    if letter in _MARK_SET or "\U0001f300" <= letter <= "\U0001faff":
        return 1.0
    if "\u4e00" <= letter <= "\u9fff":
        return 0.1 if _is_first_level(letter) else -1.0
    if "\u3040" <= letter <= "\u30ff" or "\u2000" <= letter <= "\u27bf" or "\uff00" <= letter <= "\uffef":
        return 0.0
    return -2.0


def _is_first_level(letter: str) -> bool:
    """Whether either standard counts the character among those in daily use."""
    for codec, low, high in (("gb2312", 0xB0, 0xD7), ("big5", 0xA4, 0xC6)):
        try:
            lead = letter.encode(codec)[0]
        except UnicodeEncodeError:
            continue
        if low <= lead <= high:
            return True
    return False
