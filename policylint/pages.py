"""Pages: what the configuration says of a business's pages and of what sends for them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from policylint.events import PageSent, Platform


@dataclass(frozen=True, slots=True)
class Page:
    """One page: what it was approved for, and where it is."""

    subscription_messaging: bool = False
    news: bool = False  # registered as a news page
    automated: bool = False  # nobody but a bot writes for it
    platform: Platform | None = None


UNKNOWN = Page()


@dataclass(frozen=True, slots=True)
class Automation:
    """The apps and personas that are bots."""

    app_ids: frozenset[str] = field(default_factory=frozenset)
    persona_ids: frozenset[str] = field(default_factory=frozenset)

    def wrote(self, event: PageSent, page: Page) -> bool:
        """Whether a bot wrote a message: the record's own word counts most, then what the configuration knows."""
        if event.automated is not None:
            return event.automated
        persona = event.request.get("persona_id")
        return page.automated or event.app_id in self.app_ids or str(persona) in self.persona_ids


def pages_from_data(data: Mapping[str, Mapping[str, Any]]) -> dict[str, Page]:
    """The pages of a valid configuration, by id."""
    return {
        name: Page(
            subscription_messaging=known.get("subscription_messaging", False),
            news=known.get("news", False),
            automated=known.get("automated", False),
            platform=Platform(known["platform"]) if "platform" in known else None,
        )
        for name, known in data.items()
    }


def automation_from_data(data: Mapping[str, Any]) -> Automation:
    """The bots of a valid configuration."""
    return Automation(frozenset(data.get("app_ids", ())), frozenset(data.get("persona_ids", ())))
