"""Names and values as browsers and curl send them: query strings, URL-encoded bodies, multipart bodies.

Of a name that is given twice the last value counts, as in JSON. What isn't UTF-8 is refused, never guessed at.
"""

from __future__ import annotations

import logging
from urllib.parse import parse_qsl

from python_multipart.exceptions import FormParserError
from python_multipart.multipart import Field, File, FormParser

from batchwright.model.problems import bad_request

MOST_FIELDS = 1_000

# It tells what is wrong with a body by quoting it; the client is told, the log need not be.
logging.getLogger("python_multipart").setLevel(logging.CRITICAL)


def pairs(raw: bytes, what: str) -> dict[str, str]:
    """The fields of a URL-encoded text; `what` names it in a refusal. Raises Problem 400."""
    if not raw:
        return {}
    try:
        found = parse_qsl(raw.decode(), keep_blank_values=True, errors="strict", max_num_fields=MOST_FIELDS)
    except UnicodeDecodeError:
        raise bad_request(f"Could not parse {what}, invalid UTF-8") from None
    except ValueError:
        raise bad_request(f"Could not parse {what}, more than {MOST_FIELDS} fields") from None
    return dict(found)


def multipart(raw: bytes, boundary: bytes) -> dict[str, str]:
    """The fields of a multipart body, files left out. Raises Problem 400."""
    found: dict[str, str] = {}
    parts: list[Field | File] = []
    ends: list[bool] = []

    def taken(part: Field | File) -> None:
        parts.append(part)
        if len(parts) > MOST_FIELDS:
            raise bad_request(f"Could not parse request data, more than {MOST_FIELDS} fields")
        if isinstance(part, Field):
            found[(part.field_name or b"").decode()] = (part.value or b"").decode()

    config = {"MAX_MEMORY_FILE_SIZE": len(raw) + 1}  # it is in memory already, no use in a temporary file
    try:
        parser = FormParser("multipart/form-data", taken, taken, lambda: ends.append(True), boundary, config=config)
        parser.write(raw)
        parser.finalize()
    except UnicodeDecodeError:
        raise bad_request("Could not parse request data, invalid UTF-8") from None
    except (FormParserError, ValueError):
        ends.clear()
    finally:
        for part in parts:
            part.close()
    if not ends:
        raise bad_request("Could not parse request data, invalid multipart form")
    return found
