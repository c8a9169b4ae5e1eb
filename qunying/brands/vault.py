"""Encryption at rest: what is sealed for a brand opens only with the install's key and that brand's own.

AES-256-GCM; the key of a brand is HKDF-SHA256 of the install's key salted with `Brand.key`, so deleting the brand's row
makes everything sealed for it unreadable for ever, backups included. Short values that have to be found again
(`Values`) are sealed with AES-256-SIV instead, the same way every time: docs/adr/0008.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import secrets

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM, AESSIV
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings

from qunying.brands.models import Brand
from qunying.kit.errors import Invalid

VERSION = b"\x01"
NONCE = 12


def seal(brand: Brand, plain: bytes, *, about: str) -> bytes:
    """The sealed form; `about` says what it is, and only that opens it again. Sealing twice gives two forms."""
    nonce = secrets.token_bytes(NONCE)
    return VERSION + nonce + _cipher(brand).encrypt(nonce, plain, about.encode())


def unseal(brand: Brand, sealed: bytes, *, about: str) -> bytes:
    """What was sealed. Another brand's, another purpose's, or a changed one is refused."""
    if sealed[:1] != VERSION:
        raise Invalid("brands.not_sealed_here")
    try:
        return _cipher(brand).decrypt(sealed[1 : 1 + NONCE], sealed[1 + NONCE :], about.encode())
    except InvalidTag:
        raise Invalid("brands.not_sealed_here") from None


def _cipher(brand: Brand) -> AESGCM:
    derive = HKDF(algorithm=SHA256(), length=32, salt=bytes(brand.key), info=b"qunying vault 1")
    return AESGCM(derive.derive(settings.VAULT_KEY.encode()))


class Values:
    """Phones, addresses and the like of one brand as texts: equal ones are sealed alike, so that they are found again
    without being opened. Another brand's or a changed one is refused."""

    ABOUT = (b"members.personal",)

    def __init__(self, brand: Brand) -> None:
        derive = HKDF(algorithm=SHA256(), length=96, salt=bytes(brand.key), info=b"qunying values 1")
        keys = derive.derive(settings.VAULT_KEY.encode())
        self._cipher, self._key = AESSIV(keys[:64]), keys[64:]

    def seal(self, plain: str) -> str:
        return _text(self._cipher.encrypt(plain.encode("utf-8", "surrogatepass"), [*self.ABOUT]))

    def unseal(self, sealed: str) -> str:
        try:
            data = base64.b64decode(sealed + "=" * (-len(sealed) % 4), b"-_", validate=True)
            return self._cipher.decrypt(data, [*self.ABOUT]).decode("utf-8", "surrogatepass")
        except (InvalidTag, binascii.Error, ValueError):
            raise Invalid("brands.not_sealed_here") from None

    def mark(self, text: str) -> str:
        """By which equal texts are known; it tells nothing else about them."""
        return _text(
            hashlib.blake2b(text.encode("utf-8", "surrogatepass"), key=self._key, digest_size=12).digest()
        )


def _text(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).decode().rstrip("=")
