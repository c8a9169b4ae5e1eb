"""WeCom's envelope, against the vendor's published vector and our own."""

from __future__ import annotations

import base64
import json
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from hypothesis import given
from hypothesis import strategies as st

from qunying.connectors.live.connector import Unsigned
from qunying.connectors.live.wecom.crypto import is_signed, seal, sign, unseal

VECTORS = json.loads((Path(__file__).parents[3] / "samples/wire/wecom_crypto_vectors.json").read_bytes())
CORP, AES_KEY = VECTORS["receive_id"], VECTORS["encoding_aes_key"]
TENCENT = {
    "token": "hJqcu3uJ9Tn2gXPmxx2w9kkCkCE2EPYo",
    "timestamp": "1476416373",
    "nonce": "47744683",
    "sealed": "fsi1xnbH4yQh0+PJxcOdhhK6TDXkjMyhEPA7xB2TGz6b+g7xyAbEkRxN/3cNXW9qdqjnoVzEtpbhnFyq6SVHyA==",
}
"""The address check in Tencent's documentation of callbacks; connectors.md §4.2."""


def refused(sealed: str, *, key: str = AES_KEY, corp: str = CORP) -> tuple[str, dict[str, object]]:
    with pytest.raises(Unsigned) as error:
        unseal(sealed, key=key, receiver=corp)
    return error.value.code, dict(error.value.details)


def test_the_example_of_tencents_documentation_is_signed_and_opens_as_documented():
    given_signature = "012bc692d0a58dd4b10f8dfe5c4ac00ae211ebeb"
    key, corp = "6qkdMrq68nTKduznJYO1A37W2oEgpkMUvkttRToqhUt", "ww1436e0e65a779aee"

    assert is_signed(given_signature, **TENCENT)
    assert unseal(TENCENT["sealed"], key=key, receiver=corp) == b"1288432023552776189"


@pytest.mark.parametrize("vector", VECTORS["vectors"], ids=lambda vector: vector["name"])
def test_every_vector_opens_closes_and_is_signed_as_written(vector):
    key, corp, token = (VECTORS[name] for name in ("encoding_aes_key", "receive_id", "token"))
    plain, noise = vector["plain"].encode(), vector["random16"].encode()

    made = seal(plain, key=key, receiver=corp, noise=noise)
    signed = sign(token, vector["timestamp"], vector["nonce"], vector["encrypt"])

    assert made == vector["encrypt"]
    assert unseal(vector["encrypt"], key=key, receiver=corp) == plain
    assert signed == vector["msg_signature"]


def test_a_signature_holds_for_exactly_what_was_signed():
    right = {"token": "t", "timestamp": "1", "nonce": "n", "sealed": "s"}
    given_signature = sign("t", "1", "n", "s")

    held = [is_signed(given_signature, **right)]
    held += [is_signed(given_signature, **{**right, name: "x"}) for name in right]
    held += [is_signed(wrong, **right) for wrong in ("", "é", given_signature.upper())]

    assert held == [True] + [False] * 7


@given(st.binary(max_size=300), st.text(alphabet="abc123", max_size=40))
def test_whatever_is_sealed_opens_again_for_its_receiver_and_for_nobody_else(message, corp):
    sealed = seal(message, key=AES_KEY, receiver=corp)

    assert unseal(sealed, key=AES_KEY, receiver=corp) == message
    assert len(base64.b64decode(sealed)) % 32 == 0
    assert refused(sealed, corp=f"{corp}x") == ("connectors.bad_signature", {})


@given(st.binary(min_size=16, max_size=200))
def test_rubbish_is_refused_with_the_same_words_whatever_it_is(noise):
    assert refused(base64.b64encode(noise).decode()) == ("connectors.bad_signature", {})


def test_the_wrong_corporation_bad_padding_and_a_lying_length_look_the_same_26():
    good = base64.b64decode(seal(b"hello", key=AES_KEY, receiver=CORP))
    cases = {
        "corporation": seal(b"hello", key=AES_KEY, receiver="wwother"),
        "padding": base64.b64encode(good[:-16]).decode(),
        "flipped": base64.b64encode(good[:-1] + bytes([good[-1] ^ 1])).decode(),
        "half a block": base64.b64encode(good[:-5]).decode(),
        "nothing": "",
        "not base64": "****",
        "other key": seal(b"hello", key=AES_KEY[::-1], receiver=CORP),
        "lying length": _lying(),
    }

    told = {name: refused(sealed) for name, sealed in cases.items()}

    assert told == dict.fromkeys(cases, ("connectors.bad_signature", {}))


def _lying() -> str:
    """A message that says it is longer than everything there is."""
    secret = base64.b64decode(f"{AES_KEY}=")
    plain = b"0" * 16 + (9_999).to_bytes(4, "big") + b"hello" + CORP.encode()
    plain += bytes([32 - len(plain) % 32]) * (32 - len(plain) % 32)
    lock = Cipher(algorithms.AES(secret), modes.CBC(secret[:16])).encryptor()
    return base64.b64encode(lock.update(plain) + lock.finalize()).decode()
