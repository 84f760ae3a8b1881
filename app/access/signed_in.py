"""The signed-in person with what they may do, as page guards ask for them."""

from app.access.effective import permission_names
from app.accounts.sign_in import current_user
from app.web.person import Person


def load_person() -> Person | None:
    """Return who is signed in at the browser that sends this request, if anybody."""
    user = current_user()
    if user is None:
        return None
    return Person(
        id=user.id,
        label=user.label,
        email=user.email,
        permissions=permission_names(user.id),
    )
