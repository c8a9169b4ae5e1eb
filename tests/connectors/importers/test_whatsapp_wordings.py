"""WhatsApp's system lines in seven languages, each as one line of a chat."""

from __future__ import annotations

from pathlib import Path

import pytest

from qunying.connectors.importers.source import Source
from qunying.connectors.importers.whatsapp import WHATSAPP
from qunying.connectors.incoming import Act, Options, Unknown

Told = list[tuple[str, str, str, str]]  # kind, who, other, text

JOIN_BOTH: Told = [("join", "Bo", "Lin", ""), ("join", "Ann", "Lin", "")]
BY_LINK: Told = [("join", "Bo", "", "")]
LEFT: Told = [("leave", "Bo", "", "")]
REMOVED: Told = [("remove", "Bo", "Lin", "")]
CREATED: Told = [("join", "Lin", "", "")]
RENAMED: Told = [("notice", "Lin", "", "Tea: new")]
DESCRIBED: Told = [("notice", "Lin", "", "")]
PINNED: Told = [("pin", "Lin", "", "")]
NOTHING: Told = []

CASES: tuple[tuple[str, Told], ...] = (
    # English
    ("Lin added Bo and Ann", JOIN_BOTH),
    ("Bo joined using this group's invite link", BY_LINK),
    ("Bo joined using your invite", BY_LINK),
    ("Bo joined from the community", BY_LINK),
    ("Bo left", LEFT),
    ("Lin removed Bo", REMOVED),
    ('Lin created group "Tea"', CREATED),
    ("Lin created this group", CREATED),
    ('Lin changed the subject from "Tea" to "Tea: new"', RENAMED),
    ("Lin changed the group name to “Tea: new”", RENAMED),
    ("Lin changed the group description", DESCRIBED),
    ("Lin pinned a message", PINNED),
    ("Lin changed this group's icon", NOTHING),
    ("Lin's security code changed. Tap to learn more.", NOTHING),
    ("You're now an admin", NOTHING),
    ("Bo changed their phone number to a new number. Tap to message or add the new number.", NOTHING),
    (
        "Lin turned on disappearing messages. New messages will disappear from this chat 7 days after they're sent.",
        NOTHING,
    ),
    ("Missed voice call", NOTHING),
    # Chinese
    ("Lin添加了Bo和Ann", JOIN_BOTH),
    ("Lin已添加Bo、Ann", JOIN_BOTH),
    ("Bo使用此群组的邀请链接加入", BY_LINK),
    ("Bo已通过您的邀请链接加入", BY_LINK),
    ("Bo退出了群组", LEFT),
    ("Bo已离开", LEFT),
    ("Lin移除了Bo", REMOVED),
    ("Lin已将Bo移出群组", REMOVED),
    ("Lin创建了群组“Tea”", CREATED),
    ("Lin已建立此群组", CREATED),
    ("Lin将群组名称从“Tea”更改为“Tea: new”", RENAMED),
    ("Lin更改了群组描述", DESCRIBED),
    ("Lin置顶了一条消息", PINNED),
    ("Lin更改了此群组的图标", NOTHING),
    ("Bo的安全码已更改。点击了解详情。", NOTHING),
    ("您现在是管理员", NOTHING),
    ("未接语音通话", NOTHING),
    # German
    ("Lin hat Bo und Ann hinzugefügt", JOIN_BOTH),
    ("Bo ist der Gruppe mithilfe des Einladungslinks beigetreten", BY_LINK),
    ("Bo hat die Gruppe verlassen", LEFT),
    ("Lin hat Bo entfernt", REMOVED),
    ('Lin hat die Gruppe "Tea" erstellt', CREATED),
    ("Lin hat den Betreff von „Tea“ zu „Tea: new“ geändert", RENAMED),
    ("Lin hat die Gruppenbeschreibung geändert", DESCRIBED),
    ("Lin hat eine Nachricht angeheftet", PINNED),
    ("Lin hat das Gruppenbild geändert", NOTHING),
    ("Deine Sicherheitsnummer für Bo hat sich geändert.", NOTHING),
    ("Du bist jetzt ein Admin", NOTHING),
    # Spanish
    ("Lin añadió a Bo y Ann", JOIN_BOTH),
    ("Bo se unió usando el enlace de invitación de este grupo", BY_LINK),
    ("Bo salió del grupo", LEFT),
    ("Lin eliminó a Bo", REMOVED),
    ('Lin creó el grupo "Tea"', CREATED),
    ('Lin cambió el asunto de "Tea" a "Tea: new"', RENAMED),
    ("Lin cambió la descripción del grupo", DESCRIBED),
    ("Lin fijó un mensaje", PINNED),
    ("Lin cambió la imagen del grupo", NOTHING),
    ("Tu código de seguridad con Bo cambió.", NOTHING),
    ("Ahora eres administrador", NOTHING),
    # Portuguese
    ("Lin adicionou Bo e Ann", JOIN_BOTH),
    ("Bo entrou usando o link de convite deste grupo", BY_LINK),
    ("Bo saiu", LEFT),
    ("Lin removeu Bo", REMOVED),
    ('Lin criou o grupo "Tea"', CREATED),
    ('Lin mudou o nome de "Tea" para "Tea: new"', RENAMED),
    ("Lin mudou a descrição do grupo", DESCRIBED),
    ("Lin fixou uma mensagem", PINNED),
    ("Lin mudou a imagem do grupo", NOTHING),
    ("O código de segurança de Bo mudou.", NOTHING),
    ("Você agora é um admin", NOTHING),
    # French
    ("Lin a ajouté Bo et Ann", JOIN_BOTH),
    ("Bo a rejoint le groupe via le lien d'invitation", BY_LINK),
    ("Bo a quitté le groupe", LEFT),
    ("Bo est parti", LEFT),
    ("Lin a retiré Bo", REMOVED),
    ('Lin a créé le groupe "Tea"', CREATED),
    ("Lin a changé le sujet de « Tea » à « Tea: new »", RENAMED),
    ("Lin a changé la description du groupe", DESCRIBED),
    ("Lin a épinglé un message", PINNED),
    ("Lin a changé l’icône du groupe", NOTHING),
    ("Votre code de sécurité avec Bo a changé.", NOTHING),
    ("Vous êtes maintenant administrateur", NOTHING),
)


def told(folder: Path, text: str) -> tuple[Told, list[Unknown]]:
    path = folder / "chat.txt"
    path.write_text(text, encoding="utf-8")
    entries = list(WHATSAPP.read(Source(path), Options()))
    acts: Told = [
        (entry.kind, entry.actor.rpartition(":")[2], entry.other.rpartition(":")[2], entry.text)
        for entry in entries
        if isinstance(entry, Act)
    ]
    return acts, [entry for entry in entries if isinstance(entry, Unknown)]


@pytest.mark.parametrize(("line", "expected"), CASES)
def test_a_system_line_of_android_is_told_as_what_happened(line: str, expected: Told, tmp_path: Path) -> None:
    assert told(tmp_path, f"01/03/2025, 08:00 - {line}\n") == (expected, [])


@pytest.mark.parametrize(("line", "expected"), CASES)
def test_the_same_line_spoken_by_the_group_on_an_iphone_is_told_alike(
    line: str, expected: Told, tmp_path: Path
) -> None:
    head = "\u200e[01/03/2025, 08:00:00] Tea: \u200eMessages and calls are end-to-end encrypted.\n"

    assert told(tmp_path, f"{head}\u200e[01/03/2025, 08:01:00] Tea: \u200e{line}\n") == (expected, [])


@pytest.mark.parametrize(("line", "_expected"), CASES)
def test_the_same_words_said_by_a_member_are_text(line: str, _expected: Told, tmp_path: Path) -> None:
    assert told(tmp_path, f"01/03/2025, 08:00 - Zoe: {line}\n") == ([("message", "Zoe", "", line)], [])
