"""The pages of `/access`: each module puts its own into the blueprint."""

from app.access import (  # noqa: F401 - they put their pages into the blueprint
    permission_views,
    role_views,
    user_app_views,
    user_history_views,
    user_permission_views,
    user_session_views,
    user_state_views,
    user_views,
)
from app.access.blueprint import blueprint

__all__ = ["blueprint"]
