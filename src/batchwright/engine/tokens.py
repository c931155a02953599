"""What secrets look like: a prefix that says which sort, 30 random characters, a checksum of them.

The prefix and the checksum are for programs that search files for secrets, and let a mistyped one be refused without
a look into the database. Only digests are stored.
"""

from __future__ import annotations

import hashlib
import hmac
import re
import secrets
import string
import zlib

PERSONAL, ACCESS, REFRESH, CODE, CLIENT_SECRET = "bwp", "bwa", "bwr", "bwc", "bws"

_ALPHABET = string.digits + string.ascii_uppercase + string.ascii_lowercase
_RANDOM, _CHECKSUM = 30, 6  # characters; 178 random bits
_FORM = re.compile(rf"(bw[a-z])_([0-9A-Za-z]{{{_RANDOM}}})([0-9A-Za-z]{{{_CHECKSUM}}})")


def make(sort: str) -> str:
    """A fresh secret of this sort."""
    return written(sort, "".join(secrets.choice(_ALPHABET) for _ in range(_RANDOM)))


def written(sort: str, rest: str) -> str:
    """The secret of this sort with these 30 characters."""
    return f"{sort}_{rest}{_checksum(rest)}"


def genuine(secret: str, *sorts: str) -> bool:
    """Whether it could be a secret of one of these sorts: it has the form, and its checksum is right."""
    found = _FORM.fullmatch(secret)
    return found is not None and found[1] in sorts and found[3] == _checksum(found[2])


def digest(secret: str) -> str:
    """What is stored of it: plain SHA-256 will do, for nobody can try all secrets of 178 bits."""
    return hashlib.sha256(secret.encode()).hexdigest()


def same(secret: str, stored: str) -> bool:
    """Whether this is the digest of the secret; takes as long wherever they differ."""
    return hmac.compare_digest(digest(secret), stored)


def _checksum(rest: str) -> str:
    """CRC-32 in base 62."""
    number, text = zlib.crc32(rest.encode()), ""
    for _ in range(_CHECKSUM):
        number, place = divmod(number, len(_ALPHABET))
        text = _ALPHABET[place] + text
    return text
