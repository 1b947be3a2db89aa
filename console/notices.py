"""What a person sees of notices that were sent as a test."""

from typing import TYPE_CHECKING

from rich.text import Text

from console.terminal import new_console
from extract.wording import say

if TYPE_CHECKING:
    from orchestrate.notices import Delivery


def show_deliveries(deliveries: "list[Delivery]") -> None:
    """Who was told."""
    for delivery in deliveries:
        new_console().print(Text(say("Told: {receiver}", receiver=delivery.receiver)))
