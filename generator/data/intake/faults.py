"""What stops an import, each with every fault found, a line each."""

from collections.abc import Sequence

from generator.errors import HuanjingError


class MappingError(HuanjingError):
    """The mapping file is unreadable, or says something the import cannot do."""


class SourceError(HuanjingError):
    """A source file is missing, unreadable, or not as the mapping describes it."""


def raise_mapping_faults(faults: Sequence[str]) -> None:
    """Nothing where `faults` is empty.

    Raises:
        MappingError: There are faults; the text lists all of them.

    """
    if faults:
        raise MappingError("\n".join(faults))


def raise_source_faults(faults: Sequence[str]) -> None:
    """Nothing where `faults` is empty.

    Raises:
        SourceError: There are faults; the text lists all of them.

    """
    if faults:
        raise SourceError("\n".join(faults))
