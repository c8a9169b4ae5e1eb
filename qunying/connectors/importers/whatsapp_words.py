"""WhatsApp's own words in seven languages: what its system lines, placeholders and marks say."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

from qunying.connectors.incoming import Form

Deed = Literal[
    "created", "added", "joined", "left", "removed", "moved", "renamed", "described", "pinned", "nothing"
]

SELF = frozenset({"you", "您", "你", "du", "dich", "tú", "usted", "ti", "você", "vous", "te", "su"})
"""How the phone's owner is called in system lines."""

ENCRYPTED = re.compile(
    r"end-to-end encrypted|端到端加密|端對端加密|Ende-zu-Ende-verschlüsselt|cifrad[oa]s? de extremo a extremo"
    r"|de ponta a ponta|de bout en bout"
)


@dataclass(frozen=True)
class Wording:
    """One sentence. Group `a`: who did it; `p`: whom it befell; `b`: a new number; `t`: a new name."""

    deed: Deed
    pattern: re.Pattern[str]


_QUOTED = "[\"“”«„'‘] ?(?P<t>.*?) ?[\"”“»'’]"
_OLD = "[\"“”«„'‘].*?[\"”“»'’]"


def _wordings(deed: Deed, *patterns: str) -> tuple[Wording, ...]:
    made = []
    for pattern in patterns:
        full = (
            pattern.replace("{A}", "(?P<a>.+?)")
            .replace("{P}", "(?P<p>.+?)")
            .replace("{B}", r"(?P<b>\+[\d ()-]+)")
        )
        full = full.replace("{T}", _QUOTED).replace("{O}", _OLD)
        made.append(Wording(deed, re.compile(full + "[.。]?", re.DOTALL)))
    return tuple(made)


# The more telling wordings stand first: "left" and "removed" are also parts of other sentences.
WORDINGS = (
    *_wordings(
        "nothing",
        r".*(?:end-to-end encrypted|端到端加密|端對端加密|Ende-zu-Ende-verschlüsselt).*",
        r".*(?:cifrad[oa]s? de extremo a extremo|de ponta a ponta|de bout en bout).*",
        r".*(?:security code|安全码|安全代码|Sicherheitsnummer|código de (?:seguridad|segurança)|code de sécurité).*",
        r".*(?:an? admin|管理员|(?:ein|als) Admin|un admin.*|administrador.*|um admin|administrateur.*)(?: now)?",
        r".*(?:disappearing messages|限时消息|阅后即焚|selbstlöschende|mensajes temporales).*",
        r".*(?:mensagens temporárias|messages éphémères|privacy settings|advanced chat privacy|business account).*",
        r".*(?:商业帐户|商业账户|this group's (?:icon|settings)|group's settings|群组?(?:的)?(?:图标|头像|设置)).*",
        r".*(?:Gruppenbild|Gruppeneinstellungen|(?:el|la) (?:[ií]cono|imagen|configuración)).*",
        r".*(?:o ícone|a imagem|as configurações|l['’]icône|la photo|les paramètres).*",
        r".*(?:[Mm]issed (?:group )?(?:voice|video) call|未接(?:语音|视频)通话|未接來電|Verpasster).*",
        r".*(?:llamada perdida|Chamada.*perdida|Appel.*manqué|requested to join|请求加入).*",
        r".*(?:phone number to a new number|更换了手机号|Tap to|Telefonnummer (?:geändert|gewechselt)).*",
        r".*(?:cambió su número|mudou (?:o|seu) número|a changé de numéro).*",
    ),
    *_wordings(
        "moved",
        r"{A} changed to {B}",
        r"{A}\s?(?:已)?(?:更改为|更换为|换成了?|变更为)\s?{B}",
        r"{A} hat zu {B} gewechselt",
        r"{A} cambió a {B}",
        r"{A} mudou para {B}",
        r"{A} (?:est passé|est passée|a changé) (?:à|pour|au) {B}",
    ),
    *_wordings(
        "renamed",
        r"{A} changed the (?:subject|group name)(?: from {O})? to {T}",
        r"{A}\s?(?:已)?(?:将|把)?(?:此?群组?)?(?:的)?(?:主题|名称|名字)(?:从\s?{O}\s?)?(?:更|修)?改(?:为|成)\s?{T}",
        r"{A} (?:hat|hast) den (?:Betreff|Gruppennamen|Namen der Gruppe)(?: von {O})? (?:zu|in|auf) {T} geändert",
        r"{A} cambió el (?:asunto|nombre)(?: del grupo)?(?: de {O})? (?:a|por) {T}",
        r"{A} (?:mudou|alterou) o (?:nome|assunto)(?: do grupo)?(?: de {O})? para {T}",
        r"{A} (?:a|avez) (?:changé|modifié) l(?:e |['’])(?:sujet|objet|nom)(?: du groupe)?(?: de {O})? (?:en|à) {T}",
        r"{A} (?:a|avez) (?:changé|modifié) l(?:e |['’])(?:sujet|objet|nom)(?: du groupe)?(?: de {O})? pour {T}",
    ),
    *_wordings(
        "described",
        r"{A} changed the group description",
        r"{A}\s?(?:已)?(?:更改|修改|变更)了?(?:此)?群组?(?:的)?(?:描述|说明|简介)",
        r"{A} (?:hat|hast) die Gruppenbeschreibung geändert",
        r"{A} cambió la descripción(?: del grupo)?",
        r"{A} (?:mudou|alterou) a descrição(?: do grupo)?",
        r"{A} (?:a|avez) (?:changé|modifié) la description(?: du groupe)?",
    ),
    *_wordings(
        "pinned",
        r"{A} pinned a message",
        r"{A}\s?(?:已)?置顶了?(?:一条|一則)?消息",
        r"{A} (?:hat|hast) eine Nachricht (?:fixiert|angepinnt|angeheftet)",
        r"{A} fijó un mensaje",
        r"{A} fixou uma mensagem",
        r"{A} (?:a|avez) épinglé un message",
    ),
    *_wordings(
        "created",
        r"{A} created (?:this |the )?group(?: {T})?",
        r"{A}\s?(?:已)?(?:创建|建立|創建)了?(?:此|这个|该|本)?(?:群组|群組|群)(?:\s?{T})?",
        r"{A} (?:hat|hast) (?:die|diese) Gruppe(?: {T})? erstellt",
        r"{A} creó (?:el|este) grupo(?: {T})?",
        r"{A} criou (?:o|este) grupo(?: {T})?",
        r"{A} (?:a|avez) créé (?:le|ce) groupe(?: {T})?",
    ),
    *_wordings(
        "joined",
        r"{P} joined using .*(?:invite|link).*",
        r"{P} joined (?:from the community|via .*link.*)",
        r"{P}\s?(?:已)?(?:使用|通过|透過|通過).*(?:链接|連結).*(?:加入).*",
        r"{P} (?:ist|bist) .*(?:link|Link).* beigetreten.*",
        r"{P} se unió .*enlace.*",
        r"{P} entrou .*(?:link|convite).*",
        r"{P} (?:a|avez) rejoint .*(?:lien|invitation).*",
    ),
    *_wordings(
        "left",
        r"{A} left(?: the group)?",
        r"{A}\s?(?:已)?(?:退出|离开|離開)了?(?:此|该|这个)?(?:群组|群組|群聊|群)?",
        r"{A} (?:hat|hast) die Gruppe verlassen",
        r"{A} (?:salió|abandonó)(?: del| el)?(?: grupo)?",
        r"{A} saiu(?: do grupo)?",
        r"{A} (?:(?:a|avez) quitté(?: le groupe)?|est partie?)",
    ),
    *_wordings(
        "added",
        r"{A} added {P}",
        r"(?P<p>.+?) (?:was|were) added",
        r"{A}\s?(?:添加了|已添加|新增了)\s?{P}",
        r"(?P<p>您|你)(?:已被|被)(?:添加|加入).*",
        r"{A} (?:hat|hast) {P} hinzugefügt",
        r"(?P<p>.+?) (?:wurde|wurdest|wurden) hinzugefügt",
        r"{A} (?:añadió|agregó) a {P}",
        r"(?:Añadiste|Agregaste) a {P}",
        r"{A} adicionou {P}",
        r"{A} (?:a|avez) ajouté {P}",
    ),
    *_wordings(
        "removed",
        r"{A} removed {P}",
        r"(?P<p>.+?) (?:was|were) removed",
        r"{A}\s?(?:已)?将\s?{P}\s?移(?:出|除).*",
        r"{A}\s?(?:已移除|移除了)\s?{P}",
        r"{A} (?:hat|hast) {P} entfernt",
        r"{A} (?:eliminó|sacó|quitó) a {P}",
        r"(?:Eliminaste|Sacaste|Quitaste) a {P}",
        r"{A} removeu {P}",
        r"{A} (?:a|avez) (?:retiré|supprimé|exclu) {P}",
    ),
)

AND = re.compile(r"\s*(?:、|,|，)\s*(?:and |und |y |e |et )?|\s+(?:and|und|y|e|et)\s+|\s*和\s*")
"""What stands between several people added at once."""

DELETED = re.compile(
    r"This message was deleted(?: by admin (?P<a>.+?))?|You deleted this message|"
    r"(?:这条|此)(?:消息|訊息)已(?:被)?删除|(?:您|你)(?:已)?删除了?(?:这条|此)消息|"
    r"Diese Nachricht wurde gelöscht|Du hast diese Nachricht gelöscht|"
    r"Se eliminó este mensaje|Este mensaje fue eliminado|Eliminaste este mensaje|"
    r"(?:Esta mensagem foi|Essa mensagem foi|Mensagem) apagada|Você apagou (?:esta|essa) mensagem|"
    r"Ce message a été supprimé|Vous avez supprimé ce message"
)
DELETED = re.compile(f"(?:{DELETED.pattern})[.。]?")

EDITED = re.compile(
    r"\s*<(?:This message was edited|此消息已编辑|这条消息已编辑|(?:已)?编辑过?|Diese Nachricht wurde bearbeitet"
    r"|Se editó este mensaje|Mensagem editada|Ce message a été modifié)[.。]?>$"
)

POLL = re.compile(r"(?:POLL|投票|UMFRAGE|ENCUESTA|ENQUETE|SONDAGE)\s?[:：]\s*\n")

PLACE = re.compile(
    r"(?:location|Location|位置|Standort|ubicación|Ubicación|localização|Localização|position)\s?[:：] ?https?://"
)

_FORMS: tuple[tuple[Form, str], ...] = (
    ("image", "image|photo|图片|图像|照片|Bild|imagen|imagem"),
    ("video", "video|vídeo|Video|vidéo|视频|video note"),
    ("audio", "audio|áudio|Audio|音频|语音"),
    ("sticker", "sticker|Sticker|贴图|贴纸|figurinha|GIF|动图"),
    ("card", "Contact card|联系人名片|Kontaktkarte|Tarjeta de contacto|cartão do contato|fiche contact"),
    ("file", "document|文档|文件|Dokument|documento"),
)
_OMITTED = (
    "omitted|已忽略|已省略|weggelassen|ausgelassen|omitid[oa]|ocultad[oa]|absente?|omise?|retiré|manquante?"
)
_PLACEHOLDERS = tuple(
    (form, re.compile(rf"(?:.* )?(?:{words})\s?(?:{_OMITTED})", re.DOTALL | re.IGNORECASE))
    for form, words in _FORMS
)
_ANY_MEDIA = re.compile(
    r"<(?:Media omitted|媒体已忽略|省略多媒体文件|已省略媒体|Medien ausgeschlossen|Medien weggelassen"
    r"|Multimedia omitido|Mídia oculta|Arquivo de mídia oculto|Médias? omis)>"
)
_FILE = re.compile(
    r"(?:<(?:attached|附件|Anhang|adjunto|anexado|anexo|pièce jointe)\s?[:：]\s?(?P<ios>[^<>\n]+)>"
    r"|(?P<android>[^\n]+?\.\w{1,5}) ?[(（](?:file attached|文件附件|附件|Datei angehängt|archivo adjunto"
    r"|arquivo anexado|fichier joint)[)）])(?:\n(?P<caption>.*))?$",
    re.DOTALL,
)
_SUFFIXES: dict[str, Form] = {
    **dict.fromkeys(("jpg", "jpeg", "png", "heic"), "image"),
    **dict.fromkeys(("mp4", "mov", "3gp"), "video"),
    **dict.fromkeys(("opus", "m4a", "mp3", "aac", "ogg"), "audio"),
    **dict.fromkeys(("webp", "gif"), "sticker"),
    "vcf": "card",
}


def media(body: str) -> tuple[Form, str] | None:
    """Form and caption of a message that stands for something not in the text; None for plain text."""
    if _ANY_MEDIA.fullmatch(body):
        return "other", ""
    found = _FILE.match(body)
    if found:
        name = found["ios"] or found["android"]
        return _SUFFIXES.get(name.rsplit(".", 1)[-1].lower(), "file"), found["caption"] or ""
    return None


def omitted(body: str) -> Form | None:
    """The form an iPhone's placeholder stands for."""
    return next((form for form, pattern in _PLACEHOLDERS if pattern.fullmatch(body)), None)
