"""What a person who looks at a page sees of an act: where it stands, and what of it."""

from playwright.sync_api import Locator, Page, expect

#: A button stays where it was pressed, up to the height of a sentence beside it.
NEARLY = 120


def top_of_view(page: Page) -> float:
    """Return how far down the page is scrolled."""
    top: float = page.evaluate("scrollY")
    return top


def press(button: Locator) -> float:
    """Press a button in the middle of the view; return how far down that is."""
    button.evaluate("element => element.scrollIntoView({ block: 'center' })")
    top = top_of_view(button.page)
    button.click()
    return top


def done_in_view(page: Page, words: str) -> None:
    """Check that what was done is said in view."""
    done = page.locator("#done")
    expect(done).to_contain_text(words)
    expect(done).to_be_in_viewport()
    expect(page.locator(".toast")).to_have_count(0)


def stays(page: Page, top: float) -> None:
    """Check that the page has not moved away from `top`."""
    assert abs(top_of_view(page) - top) < NEARLY, (top, top_of_view(page))
