"""What the studio says, in the language of each page.

Sentences are written in English, in `faults`, `notes` and `reasons` of what is sent. A page in another
language gets those that the catalogue has in its own; others, of files and their readers, are marked as
English.
"""

from collections.abc import Mapping
from typing import Any, Final

from ewsim.report.speech import Speech, languages, speech_of

_SENTENCES: Final = ("faults", "notes", "reasons")
#: No sentence of the studio is longer; a file may have any.
_MOST_CHARACTERS: Final = 600


def known_language(tag: str | None) -> str:
    """The tag of a language that pages have; English for any other."""
    return tag if tag is not None and tag in languages() else "en"


def in_language(message: Mapping[str, Any], tag: str) -> Mapping[str, Any]:
    """A message with its sentences in a language; one that stays English has `text` and `lang`."""
    return message if tag == "en" else _said(message, speech_of(tag))


def _said(part: Any, say: Speech, name: str = "") -> Any:
    if isinstance(part, Mapping):
        return {key: _said(value, say, str(key)) for key, value in part.items()}
    if name in _SENTENCES and isinstance(part, list | tuple):
        return [_sentence(one, say) if isinstance(one, str) else one for one in part]
    return part


def _sentence(text: str, say: Speech) -> str | dict[str, str]:
    said = say.sentence(text) if len(text) <= _MOST_CHARACTERS else None
    return {"text": text, "lang": "en"} if said is None else said
