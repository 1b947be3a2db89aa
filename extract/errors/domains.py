"""What is wrong with the choice of a domain."""

from dataclasses import dataclass

from extract.errors.base import UsageError, Whole


@dataclass(eq=False)
class UnknownDomain(UsageError):
    """--domain names no domain of the configuration."""

    domain: str
    valid: Whole

    title = "Unknown domain"
    template = "there is no domain {domain}"
    remedy = "use --domain with one of: {valid}"
