"""The forms and languages of a report, apart from the code that writes them.

The command names them among its options; it should not have to load everything for that.
"""

from __future__ import annotations

from typing import Final, Literal, get_args

Form = Literal["text", "json", "sarif", "github", "gitlab", "html"]
Language = Literal["zh", "en"]

FORMATS: Final[tuple[str, ...]] = get_args(Form)
LANGUAGES: Final[tuple[str, ...]] = get_args(Language)
