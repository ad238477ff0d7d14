"""What can go wrong on a mirror. Each kind has its own exit code, for cron and systemd timers.

MirrorError
├── RefusedError      10   the release cannot be trusted; do not retry, ask the centre
│   └── ShrunkError   15   far fewer pages than before; an explicit flag lets it pass
├── ExpiredError      11   the release is past its time, or this host's clock is wrong
├── NetworkError      12   the centre cannot be reached or sent nonsense; retry later
├── DiskError         13   no room, no inodes, no permission
├── BusyError         14   another sync of the same folder is at work
└── DamagedError      20   files of the mirror are missing, altered or extra
"""

from generator.errors import HuanjingError


class MirrorError(HuanjingError):
    """A mirror's fault; the old site stands."""

    exit_code = 1


class RefusedError(MirrorError):
    """Something signed wrongly, older than what stands, or contradicting its own hashes."""

    exit_code = 10


class ShrunkError(RefusedError):
    """A release that drops most pages."""

    exit_code = 15


class ExpiredError(MirrorError):
    """A release past its time, or a clock that cannot be right."""

    exit_code = 11


class NetworkError(MirrorError):
    """No answer, a cut answer, or one that is not what was asked for."""

    exit_code = 12


class DiskError(MirrorError):
    """The disk refuses."""

    exit_code = 13


class BusyError(MirrorError):
    """Another sync holds the lock."""

    exit_code = 14


class DamagedError(MirrorError):
    """The served files are not the signed ones."""

    exit_code = 20
