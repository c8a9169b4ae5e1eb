"""Encryption at rest: what is sealed for a brand opens only with the install's key and that brand's own.

AES-256-GCM; the key of a brand is HKDF-SHA256 of the install's key salted with `Brand.key`, so deleting the brand's row
makes everything sealed for it unreadable for ever, backups included.
"""

from __future__ import annotations

import secrets

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
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
