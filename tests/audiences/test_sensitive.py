"""What counts as sensitive, and how much of it a mask leaves."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qunying.kit.sensitive import PROMISED, Kind, sensitive

CALLED: dict[str, Kind] = {
    "手机号": "phone",
    "phone": "phone",
    "收货人电话": "phone",
    "email": "email",
    "邮箱地址": "email",
    "身份证": "id_number",
    "id_card": "id_number",
    "收货地址": "address",
    "银行卡号": "bank_card",
    "真实姓名": "real_name",
}
SECRETS = (
    "13800138000",
    "+86 138-0013-8000",
    "１３８００１３８０００",
    "138\u200b0013\u20608000",
    "+49 170 1234567",
    "0571-88888888",
    "tea.lover@example.com",
    "110101199003071234",
    "4111 1111 1111 1111",
)


def digits(text: str) -> int:
    return sum(one.isdecimal() for one in unicodedata.normalize("NFKC", text))


@pytest.mark.parametrize(
    ("called", "value", "kind", "mask"),
    [
        ("phone", "+8613812345678", "phone", "138****5678"),
        ("", "138 1234 5678", "phone", "138****5678"),
        ("备注", "打138-1234-5678，或写tea@qq.com", "email", "打138****5678,或写t***@qq.com"),
        ("email", "tea@qq.com", "email", "t***@qq.com"),
        ("身份证号", "11010119900307123X", "id_number", "110****3X"),
        ("", "11010119900307123X", "id_number", "110****3X"),
        ("", "6222 0212 3456 7894", "bank_card", "****7894"),
        ("收货地址", "杭州市西湖区龙井路1号2幢", "address", "杭州市西湖区****"),
        ("真实姓名", "张小三", "real_name", "张**"),
        ("手机", "12345", "phone", "****"),
    ],
)
def test_a_mask_keeps_what_helps_to_recognise(called, value, kind, mask):
    found = sensitive(called, value)

    assert found and (found.kind, found.mask) == (kind, mask)


@pytest.mark.parametrize(
    ("called", "value"),
    [
        ("city", "杭州"),
        ("生日", "1990-03-07"),
        ("手机型号", "iPhone 15"),
        ("等级", "传说(999)"),
        ("最后发言", "2025-03-01 12:00"),
        ("入会", "1740801600000"),
        ("会员号", "100000123456789012"),
        ("phone", " \u200b"),
    ],
)
def test_what_is_none_stays_as_it_is(called, value):
    assert sensitive(called, value) is None


def test_a_number_of_a_platform_is_no_card_and_no_id():
    for number in ("4111111111111111", "110101199003071234"):
        assert sensitive("discord.user", number, is_account=True) is None
    assert sensitive("wechat.id", "13800138000", is_account=True)


@given(called=st.sampled_from(sorted(CALLED)), value=st.text() | st.from_regex(r"[\d@.+\- ]{1,40}"))
def test_a_mask_never_holds_more_digits_than_promised(called, value):
    found = sensitive(called, value)

    if found:
        assert found.kind == CALLED[called]
        assert digits(found.mask) <= PROMISED[found.kind]


@given(before=st.text(), secret=st.sampled_from(SECRETS), after=st.text())
def test_in_the_middle_of_any_text_it_is_found_and_nothing_of_it_left(before, secret, after):
    text = f"{before} ,{secret}, {after}"

    found = sensitive("备注", text)

    assert found and secret not in found.mask
    assert sensitive("备注", found.mask) is None
    assert digits(found.mask) < digits(text) or "@" in secret


@given(value=st.text(alphabet="0123456789-+ @.xX()") | st.text())
def test_a_masked_text_holds_nothing_more_to_mask(value):
    found = sensitive("", value)

    assert found is None or sensitive("", found.mask) is None
