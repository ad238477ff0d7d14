"""Two folders change places in one step, so that at no moment there is none at either place.

Python offers `rename` alone, with which a switch takes two steps. Source: renameat2(2).
"""

import ctypes
import errno
import os
from pathlib import Path
from typing import Final

_HERE: Final = -100
"""AT_FDCWD: relative paths start at the working folder."""
_EXCHANGE: Final = 2
"""RENAME_EXCHANGE."""
_UNKNOWN: Final = frozenset({errno.EINVAL, errno.ENOSYS, errno.EOPNOTSUPP})


def exchange(one: Path, other: Path) -> bool:
    """Whether both changed places; False, and nothing happened, where the system has no such step.

    Raises:
        OSError: The disk refuses, or one of them is not there.

    """
    try:
        rename = ctypes.CDLL(None, use_errno=True).renameat2
    except (AttributeError, OSError, TypeError):  # not Linux, or an old C library
        return False
    paths = (os.fsencode(one), os.fsencode(other))
    if rename(_HERE, ctypes.c_char_p(paths[0]), _HERE, ctypes.c_char_p(paths[1]), _EXCHANGE) == 0:
        return True
    fault = ctypes.get_errno()
    if fault in _UNKNOWN:
        return False
    raise OSError(fault, os.strerror(fault), str(one))
