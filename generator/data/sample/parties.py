"""What this half of the sample needs to know about a registered enterprise."""

from typing import Protocol

from generator.data.sample.province import County, Township


class RegisteredSite(Protocol):
    """A site of the register; `register.Enterprise` fits it."""

    @property
    def site_code(self) -> str:
        """Fixed-source code."""

    @property
    def uscc(self) -> str:
        """Unified social credit code of the firm."""

    @property
    def name(self) -> str:
        """The firm's full name."""

    @property
    def county(self) -> County:
        """Where the site stands."""

    @property
    def township(self) -> Township:
        """The township of the site."""

    @property
    def industry_code(self) -> str:
        """GB/T 4754-2011 code."""

    @property
    def address(self) -> str:
        """The site's address."""

    @property
    def status(self) -> str:
        """Operating status, such as 在产 or 长期停产."""
