"""What is wrong with the choice of a domain."""

from dataclasses import dataclass

from extract.errors.base import UsageError, Whole


@dataclass(eq=False)
class DomainNotChosen(UsageError):
    """Several domains are configured and --domain names none of them."""

    valid: Whole

    title = "Domain not chosen"
    template = "the configuration holds more than one domain, or none: {valid}"
    remedy = "choose one of them by --domain"


@dataclass(eq=False)
class UnknownDomain(UsageError):
    """--domain names no domain of the configuration."""

    domain: str
    valid: Whole

    title = "Unknown domain"
    template = "there is no domain {domain}"
    remedy = "use --domain with one of: {valid}"
