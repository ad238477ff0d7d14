"""What can go wrong, as a tree.

HuanjingError            shown to the user as its Chinese message, exit code 1, never a traceback
├── ConfigError          mkdocs.yml says something the generator cannot use
├── DatasetError         a dataset folder or its descriptor cannot be read at all
├── RouteError           two pages want one address, or an address is unsafe
├── ShellError           MkDocs did not give the page shells that were asked for
├── OutputError          the site cannot be written or put in place
├── StoreError           a store named by URL cannot be read or written
├── SchedulerError       the scheduler or its workers cannot do their part of a build
├── ReleaseError         a release cannot be made or signed
└── MirrorError          a mirror's fault, with its own exit code: generator.mirror.faults
"""


class HuanjingError(Exception):
    """A fault the user can mend; its text is Chinese and says where, what, and the cure."""


class ConfigError(HuanjingError):
    """A setting is missing, of the wrong type, or out of its range."""


class DatasetError(HuanjingError):
    """A dataset folder, its descriptor or a schema is missing or unreadable."""


class RouteError(HuanjingError):
    """Two pages share an address, or a code holds a character unsafe in a path."""


class ShellError(HuanjingError):
    """The theme did not deliver a page shell with every sentinel in it."""


class OutputError(HuanjingError):
    """A site file could not be written, or the new site could not be put in place."""


class StoreError(HuanjingError):
    """A store named by URL could not be opened, read or written."""


class SchedulerError(HuanjingError):
    """The scheduler cannot be reached, or its workers are gone, lost, or run another program."""


class ReleaseError(HuanjingError):
    """A release could not be made: no keys, no site, or a tool that is missing."""
