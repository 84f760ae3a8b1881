"""Users and roles in a browser: with htmx, without JavaScript, and by keyboard."""

import pytest
from playwright.sync_api import Browser as Chromium
from playwright.sync_api import Page, StorageState, expect

from app.access import catalogue
from tests.factories import Factory
from tests.support.chromium import OpenWindow, Window, is_fit_for_people
from tests.support.serving import Served

#: Long and without a blank, with markup and from right to left.
LONG = f"<b>{'Rechnungsabgleich' * 3}</b> שלום مرحبا"
#: What the pages that the URL map names look like besides.
PAGES = [
    "/access/users?q=nobody-is-called-so",
    "/access/users/{own}",
    "/access/users/{other}/permissions?why=view_users",
    "/access/users/{other}/permissions?why=manage_system",
    "/access/users/{own}/apps",
    "/access/users/{own}/sessions",
    "/access/users/{own}/deactivate",
    "/access/roles/{role}/holders",
]


@pytest.fixture(scope="module")
def places(product: tuple[Served, Factory]) -> dict[str, object]:
    """People, a role and a permission with everything that a page can show."""
    _, make = product
    own = make.user("access-ada@example.com", name="Ada", administrator=True)
    role = make.role(LONG[:64], ["view_users", "do_" + "x" * 61])
    local = "bob." + "x" * 40
    other = make.user(
        f"{local}@{'y' * 50}.example.com",
        name=LONG,
        roles=[role.name, "Clerk"],
        permissions=["do_" + "x" * 61],
    )
    with make.app.app_context():
        permission = catalogue.find_permission("do_" + "x" * 61)
        assert permission
        permission_id = permission.id
    return {
        "own": own.id,
        "other": other.id,
        "role": role.id,
        "permission": permission_id,
        "email": own.email,
        "password": own.password,
    }


@pytest.fixture(scope="module")
def signed_in(
    chromium: Chromium, product: tuple[Served, Factory], places: dict[str, object]
) -> StorageState:
    """The cookies of an administrator."""
    context = chromium.new_context()
    window = Window(context, context.new_page(), product[0].address, frozenset())
    window.open("/login")
    window.sign_in(str(places["email"]), str(places["password"]))
    state = context.storage_state()
    context.close()
    return state


def test_pages_in_other_states_are_fit_for_people(
    open_window: OpenWindow, signed_in: StorageState, places: dict[str, object]
) -> None:
    window = open_window(storage_state=signed_in, reduced_motion="reduce")
    for path in PAGES:
        window.page.emulate_media(color_scheme="light")
        window.page.set_viewport_size({"width": 1280, "height": 900})
        window.open(path.format_map(places))
        assert "/login" not in window.page.url
        is_fit_for_people(window)


def create_role(page: Page, name: str) -> None:
    """Make a role that may see people."""
    page.get_by_role("link", name="Roles").click()
    page.get_by_role("link", name="New role").click()
    page.get_by_label("Name", exact=True).fill(name)
    page.get_by_label("view_users").check()
    page.get_by_role("button", name="Create role").click()
    expect(page.get_by_role("heading", level=1)).to_have_text(name)


def create_person(page: Page, email: str, role: str) -> str:
    """Make a person with a role, after a slip, and return the password."""
    page.get_by_role("link", name="Users").click()
    page.get_by_role("link", name="New user").click()
    address = page.get_by_label("E-mail address", exact=True)
    address.fill("no address")
    page.get_by_role("button", name="Create user").click()
    expect(page.get_by_role("alert")).to_contain_text("full e-mail address")
    address.fill(email)
    page.get_by_label(role).check()
    page.get_by_role("button", name="Create user").click()
    expect(page.get_by_text("This is shown only once")).to_be_visible()
    password = page.locator("#new-password").inner_text()
    page.get_by_role("link", name="Done").click()
    return password


def take_role(page: Page, role: str) -> None:
    """Look why the open person may not do something, and take a role from them."""
    page.get_by_role("link", name="Roles and permissions").click()
    expect(page.locator("#effective-rows")).to_contain_text(f"via role {role}")
    page.get_by_label("Permission", exact=True).select_option("manage_system")
    page.get_by_role("button", name="Explain").click()
    expect(page.locator("#reasons")).to_contain_text("does not hold manage_system")
    group = page.get_by_role("group", name="Roles", exact=True)
    group.get_by_label(role).uncheck()
    page.get_by_role("button", name="Save roles and permissions").click()
    expect(page.locator("#effective-rows")).to_have_count(0)


def lock_out(page: Page) -> None:
    """End the open person's one session, and deactivate them."""
    page.get_by_role("link", name="Sessions").click()
    page.get_by_role("button", name="Sign out: Chrome").click()
    expect(page.get_by_text("No active sessions")).to_be_visible()
    page.get_by_role("link", name="Person", exact=True).click()
    page.get_by_role("link", name="Deactivate…").click()
    heading = page.get_by_role("heading", level=1)
    expect(heading).to_have_text("Deactivate this account?")
    page.get_by_role("button", name="Deactivate").click()
    expect(page.get_by_text("is deactivated")).to_be_visible()
    expect(page.get_by_text("Deactivated").first).to_be_visible()


@pytest.mark.parametrize(
    "has_scripts", [pytest.param(True, id="htmx"), pytest.param(False, id="plain")]
)
def test_from_a_new_role_to_a_person_who_holds_it_and_is_locked_out(
    open_window: OpenWindow, make: Factory, has_scripts: bool
) -> None:
    kind = "htmx" if has_scripts else "plain"
    role, email = f"Viewer {kind}", f"new-{kind}@example.com"
    boss = make.user(administrator=True)
    window = open_window(boss, java_script_enabled=has_scripts)
    window.expect(422)
    create_role(window.page, role)
    password = create_person(window.page, email, role)

    theirs = open_window(java_script_enabled=has_scripts)
    theirs.open("/login")
    theirs.sign_in(email, password)
    theirs.page.get_by_role("link", name="Users").click()
    expect(theirs.page.get_by_role("heading", name="Users")).to_be_visible()

    take_role(window.page, role)
    theirs.expect(403)
    theirs.open("/access/users")
    expect(theirs.page.get_by_role("heading", level=1)).to_contain_text("have access")
    lock_out(window.page)


def focus(page: Page, name: str) -> None:
    """Press Tab until the element with this name has the focus."""
    for _ in range(80):
        page.keyboard.press("Tab")
        text = page.evaluate(
            "document.activeElement.labels?.[0]?.textContent ?? "
            "document.activeElement.textContent"
        )
        if name in text.strip():
            return
    raise AssertionError(f"Tab never reaches {name!r}")


def test_permissions_are_narrowed_and_a_role_is_saved_by_keyboard_alone(
    open_window: OpenWindow, make: Factory
) -> None:
    for number in range(6):
        make.permission(f"do_thing_{number}", group="Things")
    role = make.role("Keyboard")
    window = open_window(make.user(administrator=True))
    page = window.page
    window.open(f"/access/roles/{role.id}")
    box = page.get_by_label("do_thing_4")
    expect(page.get_by_label("manage_system")).to_be_visible()
    focus(page, "Show only permissions with")
    page.keyboard.type("thing_4")
    expect(box).to_be_visible()
    expect(page.get_by_label("manage_system")).to_be_hidden()
    # Enter there must not save the role.
    page.keyboard.press("Enter")
    focus(page, "do_thing_4")
    page.keyboard.press("Space")
    focus(page, "Save role")
    page.keyboard.press("Enter")
    expect(page.locator("#done")).to_contain_text("Saved. It applies")
    expect(page.locator("#done")).to_be_focused()
    expect(box).to_be_checked()
