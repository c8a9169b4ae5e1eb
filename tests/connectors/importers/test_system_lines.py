"""The platforms' own lines: which tell an act, which tell nothing, which nobody knows."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qunying.connectors.importers import chatlab_system, qq_system, wechat_system
from qunying.connectors.importers.system_line import NOBODY, SystemLine, Who

AQING, ANN, BO, LIN, SELF = Who("阿青"), Who("Ann"), Who("Bo"), Who("林主理"), Who(is_self=True)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ('"阿青"邀请"Ann"加入了群聊', [SystemLine("join", ANN, AQING, source="邀请")]),
        ("“阿青”邀请“Ann”加入了群聊", [SystemLine("join", ANN, AQING, source="邀请")]),
        (
            '你邀请"Ann、Bo"加入了群聊',
            [SystemLine("join", ANN, SELF, source="邀请"), SystemLine("join", BO, SELF, source="邀请")],
        ),
        (
            '"林主理"邀请你加入了群聊，群聊参与人还有：Ann、Bo',
            [SystemLine("join", SELF, LIN, source="邀请")],
        ),
        ('"Ann"通过扫描"阿青"分享的二维码加入群聊', [SystemLine("join", ANN, AQING, source="扫描二维码")]),
        ("你通过扫描二维码加入群聊，群聊参与人还有：Ann", [SystemLine("join", SELF, source="扫描二维码")]),
        ('"Bo"加入了群聊', [SystemLine("join", BO)]),
        ('"Bo"退出了群聊', [SystemLine("leave", BO)]),
        ('你将"Bo"移出了群聊', [SystemLine("remove", BO, SELF)]),
        ('你被"林主理"移出群聊', [SystemLine("remove", SELF, LIN)]),
        ('"Bo" 撤回了一条消息', [SystemLine("recall", BO)]),
        ("你撤回了一条消息", [SystemLine("recall", SELF)]),
        ('"林主理"撤回了成员"Bo"的一条消息', [SystemLine("recall", LIN, BO)]),
        (
            '<sysmsg type="revokemsg"><revokemsg><replacemsg><![CDATA["Bo" 撤回了一条消息]]></replacemsg>'
            "</revokemsg></sysmsg>",
            [SystemLine("recall", BO)],
        ),
        ('"林主理"修改群名为“茶友福利群”', [SystemLine("notice", LIN, text="茶友福利群")]),
        ('"Bo" 拍了拍 "林主理"', []),
        ('"Bo"领取了你的红包', []),
        ('"Bo"与群里其他人都不是朋友关系，请注意隐私安全', []),
        ("你已成为新群主", []),
        ("屋顶上有一只猫", None),
    ],
)
def test_wechat_lines(text: str, told: list[SystemLine] | None) -> None:
    assert wechat_system.parse(text) == (None if told is None else tuple(told))


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("Bo加入本群。", [SystemLine("join", BO)]),
        ("Bo加入了群聊。", [SystemLine("join", BO)]),
        ("Bo(10001003)加入本群。", [SystemLine("join", Who("Bo", "10001003"))]),
        ("阿青邀请Bo加入了群聊。", [SystemLine("join", BO, AQING, source="邀请")]),
        ("Bo退出了本群。", [SystemLine("leave", BO)]),
        ("Bo离开群聊", [SystemLine("leave", BO)]),
        ("Bo被管理员移出本群", [SystemLine("remove", BO)]),
        ("Bo被林主理移出群聊", [SystemLine("remove", BO, LIN)]),
        ("林主理将Bo移出了本群", [SystemLine("remove", BO, LIN)]),
        ("Bo撤回了一条消息", [SystemLine("recall", BO)]),
        ("林主理撤回了Bo的一条消息", [SystemLine("recall", LIN, BO)]),
        ("你撤回了一条消息", [SystemLine("recall", SELF)]),
        ("林主理修改群名为“茶”", [SystemLine("notice", LIN, text="茶")]),
        ("Bo被管理员禁言10分钟", []),
        ("阿青戳了戳Bo", []),
        ("屋顶上有一只猫", None),
    ],
)
def test_qq_lines(text: str, told: list[SystemLine] | None) -> None:
    assert qq_system.parse(text) == (None if told is None else tuple(told))


names = st.text(
    alphabet=st.characters(exclude_characters="“”〔〕\r\n", exclude_categories=["Cs"]), max_size=12
)
codes = st.text(alphabet=st.characters(exclude_categories=["Cs"]), min_size=1, max_size=12)
people = st.builds(Who, name=names, id=codes)
lines = st.one_of(
    st.builds(
        SystemLine,
        kind=st.sampled_from(["join", "remove", "invite"]),
        actor=people,
        other=st.just(NOBODY) | people,
    ),
    st.builds(SystemLine, kind=st.just("leave"), actor=people),
    st.builds(SystemLine, kind=st.just("recall"), actor=people, other=st.just(NOBODY) | people, target=codes),
    st.builds(SystemLine, kind=st.just("pin"), actor=people, target=codes),
    st.builds(SystemLine, kind=st.just("notice"), actor=people, text=st.text(max_size=20)),
)


@given(lines)
def test_what_our_export_writes_our_import_reads_back(line: SystemLine) -> None:
    assert chatlab_system.parse(chatlab_system.write(line)) == line


def test_the_wordings_are_fixed() -> None:
    bo, lin = Who("Bo", "10001003"), Who("林“主”理", "10001001")

    assert [
        chatlab_system.write(line)
        for line in (
            SystemLine("join", bo),
            SystemLine("join", bo, lin),
            SystemLine("invite", bo, lin),
            SystemLine("leave", bo),
            SystemLine("remove", bo, lin),
            SystemLine("remove", bo),
            SystemLine("recall", bo, target="m4"),
            SystemLine("recall", lin, bo, target="m4"),
            SystemLine("pin", lin, target="m1"),
            SystemLine("notice", lin, text="改名：茶"),
        )
    ] == [
        "“Bo”〔10001003〕加入了群聊",
        '“Bo”〔10001003〕由“林"主"理”〔10001001〕邀请，加入了群聊',
        '“林"主"理”〔10001001〕邀请了“Bo”〔10001003〕',
        "“Bo”〔10001003〕退出了群聊",
        '“Bo”〔10001003〕被“林"主"理”〔10001001〕移出了群聊',
        "“Bo”〔10001003〕被移出了群聊",
        "“Bo”〔10001003〕撤回了消息〔m4〕",
        '“林"主"理”〔10001001〕撤回了“Bo”〔10001003〕的消息〔m4〕',
        '“林"主"理”〔10001001〕置顶了消息〔m1〕',
        '“林"主"理”〔10001001〕发布了群通知：改名：茶',
    ]


def test_a_kind_without_a_wording_is_refused() -> None:
    with pytest.raises(ValueError, match="message"):
        chatlab_system.write(SystemLine("message", BO))


def test_anything_else_is_no_wording_of_ours() -> None:
    assert chatlab_system.parse("Bo加入了群聊") is None
