"""Codes with valid check characters for invented bodies.

Source: GB 32100-2015 (unified social credit code), HJ 608-2017 (fixed-source code).
"""

import random

_ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"
_WEIGHTS = (1, 3, 9, 27, 19, 26, 16, 17, 20, 29, 25, 13, 8, 24, 10, 30, 28)

# HJ 608-2017 gives the letter as a check character of the credit code; its own example
# (…617X001P and …617X002P) shows that the serial does not change it.
_SITE_LETTERS = "PQRUVWXY"


def make_uscc(rng: random.Random, division_code: str) -> str:
    """A credit code of an enterprise (class 91) registered in a division, check valid.

    Args:
        rng: Source of the nine characters of the body code.
        division_code: Six digits; the registering county.

    Source: GB 32100-2015 section 5.

    """
    body = "".join(rng.choice("0123456789") for _ in range(8)) + rng.choice(_ALPHABET)
    stem = "91" + division_code[:6] + body
    return stem + _check_character(stem)


def is_uscc(text: str) -> bool:
    """Whether the text is an enterprise's code, of the form that `make_uscc` gives."""
    return len(text) == 18 and text[:16].isdigit()


def shift_uscc(uscc: str, step: int) -> str:
    """The code of another body in the same division: its eight digits moved on by `step`."""
    digits = (int(uscc[8:16]) + step) % 100_000_000
    stem = f"{uscc[:8]}{digits:08d}{uscc[16]}"
    return stem + _check_character(stem)


def make_site_code(uscc: str, serial: int = 1) -> str:
    """The fixed-source code of a firm's n-th plant: credit code, serial, letter.

    Source: HJ 608-2017 section 4.
    """
    total = sum(_ALPHABET.index(character) for character in uscc)
    return f"{uscc}{serial:03d}{_SITE_LETTERS[total % len(_SITE_LETTERS)]}"


def _check_character(stem: str) -> str:
    total = sum(
        _ALPHABET.index(character) * weight
        for character, weight in zip(stem, _WEIGHTS, strict=True)
    )
    return _ALPHABET[(31 - total % 31) % 31]
