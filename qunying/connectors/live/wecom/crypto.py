"""The envelope of WeCom's callbacks: AES-256-CBC with the key's first bytes as vector, padded to 32 bytes.

Inside stand 16 random bytes, the length in 4 bytes, the message, and the id of the corporation it is for.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import secrets

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

from qunying.connectors.live.connector import Unsigned

BLOCK = 32
HEAD = 20


def sign(token: str, timestamp: str, nonce: str, sealed: str) -> str:
    """The signature over the four of them in the order of the alphabet."""
    return hashlib.sha1("".join(sorted((token, timestamp, nonce, sealed))).encode()).hexdigest()  # noqa: S324  # theirs


def is_signed(given: str, *, token: str, timestamp: str, nonce: str, sealed: str) -> bool:
    return hmac.compare_digest(given.encode(), sign(token, timestamp, nonce, sealed).encode())


def seal(message: bytes, *, key: str, receiver: str, noise: bytes = b"") -> str:
    """What WeCom would send; `noise` are the 16 random bytes."""
    plain = (noise or secrets.token_bytes(16)) + len(message).to_bytes(4, "big") + message + receiver.encode()
    count = BLOCK - len(plain) % BLOCK
    lock = _cipher(key).encryptor()
    return base64.b64encode(lock.update(plain + bytes([count]) * count) + lock.finalize()).decode()


def unseal(sealed: str, *, key: str, receiver: str) -> bytes:
    """The message. Whatever is wrong with it, the answer is the same, so that nobody learns anything by trying."""
    try:
        raw = base64.b64decode(sealed, validate=True)
        lock = _cipher(key).decryptor()
        plain = lock.update(raw) + lock.finalize()
    except (binascii.Error, ValueError):
        raise Unsigned("connectors.bad_signature") from None
    count = plain[-1] if plain else 0
    length = int.from_bytes(plain[16:HEAD], "big")
    end = len(plain) - count
    is_padded = 1 <= count <= BLOCK and plain[end:] == bytes([count]) * count
    is_ours = hmac.compare_digest(plain[HEAD + length : max(end, 0)], receiver.encode())
    if not (is_padded and HEAD + length <= end and is_ours):
        raise Unsigned("connectors.bad_signature")
    return plain[HEAD : HEAD + length]


def _cipher(key: str) -> Cipher[modes.CBC]:
    secret = base64.b64decode(f"{key}=")
    return Cipher(algorithms.AES(secret), modes.CBC(secret[:16]))
