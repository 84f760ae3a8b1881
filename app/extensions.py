"""Flask's extensions, unbound; `create_app` binds them. No logic lives here."""

from typing import cast

from flask import current_app
from flask_limiter import Limiter
from flask_limiter.util import get_remote_address
from flask_login import LoginManager
from flask_migrate import Migrate
from flask_sqlalchemy import SQLAlchemy
from flask_wtf import CSRFProtect
from werkzeug.local import LocalProxy

from app.config import Settings
from app.database import Base

db = SQLAlchemy(model_class=Base)
migrate = Migrate()
login_manager = LoginManager()
csrf = CSRFProtect()
limiter = Limiter(key_func=get_remote_address)

#: The running application's settings.
settings: Settings = cast(
    "Settings", LocalProxy(lambda: current_app.extensions["gatepass_settings"])
)
