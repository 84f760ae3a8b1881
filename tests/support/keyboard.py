"""A person at the keyboard alone: Tab, Shift+Tab, Enter, Space and what is typed."""

from dataclasses import dataclass
from typing import Any

from playwright.sync_api import Page

#: No page of ours has more places to stop at.
MOST_STOPS = 250


@dataclass(frozen=True)
class Stop:
    """What has the focus: its tag, its words, its address, and what shows it."""

    tag: str
    text: str
    href: str
    is_seen: bool
    is_outlined: bool
    key: str

    @property
    def is_page(self) -> bool:
        """Whether nothing in the page has the focus."""
        return self.tag in {"body", "html"}


_STOP = """() => {
  const it = document.activeElement;
  const box = it.getBoundingClientRect();
  const style = getComputedStyle(it);
  window.stopNumbers ??= new Map();
  if (!stopNumbers.has(it)) stopNumbers.set(it, stopNumbers.size);
  return {
    tag: it.tagName.toLowerCase(),
    text: (it.innerText || it.value || it.getAttribute("aria-label") || "").trim(),
    href: it.href || "",
    is_seen: it.checkVisibility({opacityProperty: true, visibilityProperty: true})
      && box.width > 0 && box.height > 0 && box.bottom > 0 && box.top < innerHeight,
    is_outlined: style.outlineStyle !== "none" && parseFloat(style.outlineWidth) >= 2,
    key: `${stopNumbers.get(it)}`,
  };
}"""


def focused(page: Page) -> Stop:
    """Return what has the focus."""
    found: dict[str, Any] = page.evaluate(_STOP)
    return Stop(**found)


def walk(page: Page) -> list[Stop]:
    """Press Tab from the top of the page to its end; return every stop.

    Fails where a stop is not seen or not marked, and where the end is not reached.
    """
    page.evaluate("document.activeElement?.blur(); scrollTo(0, 0)")
    stops: list[Stop] = []
    known: set[str] = set()
    while len(stops) < MOST_STOPS:
        page.keyboard.press("Tab")
        stop = focused(page)
        if stop.is_page or stop.key in known:
            return stops
        known.add(stop.key)
        stops.append(stop)
        assert stop.is_seen, f"focus is out of sight: {stop}"
        assert stop.is_outlined, f"focus is not marked: {stop}"
    raise AssertionError(f"the keyboard goes on for ever, lately at {stops[-3:]}")


def tab_to(page: Page, text: str, *, key: str = "Tab") -> Stop:
    """Press Tab until what has exactly these words has the focus."""
    seen: list[str] = []
    while len(seen) < MOST_STOPS:
        page.keyboard.press(key)
        stop = focused(page)
        if stop.text == text:
            assert stop.is_seen, f"focus is out of sight: {stop}"
            assert stop.is_outlined, f"focus is not marked: {stop}"
            return stop
        seen.append(stop.text[:30])
    raise AssertionError(f"the keyboard never reaches {text!r}: {seen[:60]}")
