"""All pages of Developer. Importing them is what puts them into the blueprint."""

from app.developer.activity import views as activity_views
from app.developer.apps import views as apps_views
from app.developer.blueprint import blueprint
from app.developer.cases import views as cases_views
from app.developer.danger import views as danger_views
from app.developer.overview import views as overview_views
from app.developer.permissions import views as permissions_views
from app.developer.refused import adding_views
from app.developer.refused import views as refused_views
from app.developer.registration import views as registration_views
from app.developer.settings import secret_views
from app.developer.settings import views as settings_views
from app.developer.start import views as start_views
from app.developer.tokens import views as tokens_views
from app.developer.trial import views as trial_views

__all__ = [
    "activity_views",
    "adding_views",
    "apps_views",
    "blueprint",
    "cases_views",
    "danger_views",
    "overview_views",
    "permissions_views",
    "refused_views",
    "registration_views",
    "secret_views",
    "settings_views",
    "start_views",
    "tokens_views",
    "trial_views",
]
