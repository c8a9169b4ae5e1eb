"""LINE's own words in Chinese, English, Japanese and Thai: system lines, placeholders, title and dates."""

from __future__ import annotations

import re

from qunying.connectors.importers.system_line import Rule
from qunying.connectors.incoming import ActKind, Form


def _rules(kind: ActKind | None, *patterns: str) -> tuple[Rule, ...]:
    made = (pattern.replace("{A}", "(?P<a>.+?)").replace("{O}", "(?P<o>.+?)") for pattern in patterns)
    return tuple(Rule(re.compile(pattern + "[.。]?", re.DOTALL), kind) for pattern in made)


# An invitation stands first, as what it invites to may read like a joining.
RULES = (
    *_rules(
        "invite",
        r"{O} ?(?:已)?(?:邀请|邀請)(?:了)? ?{A} ?(?:加入|进入|進入)?(?:该|該|此)?(?:群组?|群組|聊天室?)?",
        r"{O} invited {A}(?: to the (?:group|chat))?",
        r"{O}が{A}を(?:グループ|トーク(?:ルーム)?)?に?招待しました",
        r"{O} ?(?:ได้)?เชิญ ?{A} ?(?:เข้าร่วมกลุ่ม|เข้ากลุ่ม|เข้าร่วมแชท)?",
    ),
    *_rules(
        "join",
        r"{O} ?(?:已)?(?:将|將) ?{A} ?(?:加入|添加到)(?:了)?(?:该|此)?(?:群组?|群組|聊天室?)",
        r"{A} ?(?:已)?(?:加入)(?:了)?(?:该|該|此|这个)?(?:群组?|群組|聊天室?|社群)",
        r"{O} added {A} to the (?:group|chat)",
        r"{A} joined (?:the )?(?:group|chat|OpenChat)",
        r"{A}が(?:グループ|トーク(?:ルーム)?|オープンチャット)に参加しました",
        r"{O}が{A}をグループに追加しました",
        r"{A} ?(?:ได้)?เข้าร่วม(?:กลุ่ม|แชท)(?:แล้ว)?",
    ),
    *_rules(
        "remove",
        r"{O} ?(?:已)?(?:将|將|把) ?{A} ?(?:从群中?|從群組中?)?(?:移出|移除|删除|刪除|强制退出|強制退出).*",
        r"{O} removed {A} from the (?:group|chat)",
        r"{O}が{A}を(?:グループから)?(?:退会させました|削除しました)",
        r"{O} ?(?:ได้)?ลบ ?{A} ?ออกจาก(?:กลุ่ม|แชท)(?:แล้ว)?",
    ),
    *_rules(
        "leave",
        r"{A} ?(?:已)?(?:退出|离开|離開)(?:了)?(?:该|該|此)?(?:群组?|群組|聊天室?|社群)",
        r"{A} left (?:the )?(?:group|chat|OpenChat)",
        r"{A}が(?:グループ|トーク(?:ルーム)?|オープンチャット)を(?:退会|退出)しました",
        r"{A} ?(?:ได้)?ออกจาก(?:กลุ่ม|แชท)(?:แล้ว)?",
    ),
    *_rules(
        "recall",
        r"{A} ?(?:已)?(?:收回|撤回)(?:了)?(?:一[条則则])?(?:讯息|訊息|消息)",
        r"{A} unsent a message",
        r"{A}が(?:メッセージの)?送信を取り消しました",
        r"{A} ?(?:ได้)?ยกเลิก(?:การส่ง)?ข้อความ(?:แล้ว)?",
    ),
    *_rules(
        "notice",
        r"{A} ?(?:已)?[将將]?(?:群组?|群組)?的?名[称稱]?[更变變]?[更改](?:为|為|成) ?[“\"「](?P<t>.*?)[”\"」]",
        r"{A} changed the (?:group|chat)(?:'s)? name to [\"“](?P<t>.*?)[\"”]",
        r"{A}が(?:グループ名|トーク名)を[「\"](?P<t>.*?)[」\"]に変更しました",
        r"{A} ?(?:ได้)?เปลี่ยนชื่อกลุ่มเป็น ?[\"“](?P<t>.*?)[\"”]",
        r"{A} ?(?:发布|發布|设置|設定)了?(?:公告)[:：]?(?P<t>.*)",
        r"{A} made an announcement[:.]?(?P<t>.*)",
    ),
    *_rules(
        None,
        r".*(?:相册|相簿|记事本|記事本|通话|通話|头像|頭像|背景|图片|管理员|管理員|投票).*",
        r".*(?:album|note|call|profile|picture|admin|poll|theme).*",
        r".*(?:アルバム|ノート|通話|アイコン|管理者|投票|背景).*",
        r".*(?:อัลบั้ม|โน้ต|โทร|รูปโปรไฟล์|ผู้ดูแล|โพล).*",
    ),
)

PLACEHOLDERS: dict[str, Form] = {
    **dict.fromkeys(("[照片]", "[图片]", "[圖片]", "[Photo]", "[写真]", "[รูป]", "[รูปภาพ]"), "image"),
    **dict.fromkeys(("[视频]", "[影片]", "[Video]", "[動画]", "[วิดีโอ]"), "video"),
    **dict.fromkeys(
        ("[语音]", "[語音訊息]", "[Voice message]", "[ボイスメッセージ]", "[ข้อความเสียง]"), "audio"
    ),
    **dict.fromkeys(("[贴图]", "[貼圖]", "[Sticker]", "[スタンプ]", "[สติกเกอร์]"), "sticker"),
    **dict.fromkeys(("[文件]", "[檔案]", "[File]", "[ファイル]", "[ไฟล์]"), "file"),
    **dict.fromkeys(("[位置]", "[位置資訊]", "[Location]", "[位置情報]", "[ตำแหน่งที่ตั้ง]"), "location"),
    **dict.fromkeys(("[联系人]", "[聯絡資訊]", "[Contact]", "[連絡先]"), "card"),
}

TITLE = re.compile(
    r"\[LINE\] ?(?:Chat history (?:in|with) |(?:与|與|和))?[\"“]?(?P<t>.+?)[\"”]?"
    r"(?: ?的(?:聊天记录|聊天記錄|聊天)|とのトーク履歴|のトーク履歴|のトーク)?$"
)
TITLE_THAI = re.compile(r"\[LINE\] ?(?:ประวัติการแชท(?:กับ|ใน)?|แชทกับ) ?(?P<t>.+)$")
SAVED = re.compile(r"(?:保存日期|儲存日期|保存日時|Saved on|บันทึกเมื่อ|วันที่บันทึก)\s?[:：]")

_DAYS = (
    ("一", "Mon", "月", "จ", "星期一"),
    ("二", "Tue", "火", "อ", "星期二"),
    ("三", "Wed", "水", "พ", "星期三"),
    ("四", "Thu", "木", "พฤ", "星期四"),
    ("五", "Fri", "金", "ศ", "星期五"),
    ("六", "Sat", "土", "ส", "星期六"),
    ("日", "Sun", "日", "อา", "星期日"),
)
WEEKDAYS = {name: at for at, names in enumerate(_DAYS) for name in names}
_WEEKDAY = (
    r"(?:[(（]?(?:星期|周|週)?(?:[一二三四五六日月火水木金土])(?:曜日)?[)）]?"
    r"|(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun)[a-z]*)"
)
YEAR_FIRST = re.compile(rf"(\d{{4}})[./年-](\d{{1,2}})[./月-](\d{{1,2}})日?\s?{_WEEKDAY}$")
YEAR_LAST = re.compile(
    r"(Mon|Tue|Wed|Thu|Fri|Sat|Sun|พฤ|อา|จ|อ|พ|ศ|ส)[a-z]*\.?,?\s?(?:ที่\s)?(\d{1,2})[./-](\d{1,2})[./-](\d{4})$"
)
