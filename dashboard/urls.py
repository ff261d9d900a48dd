"""Every address of the console; each room keeps its own."""

from django.contrib import admin
from django.contrib.auth import views as auth
from django.urls import include, path

from dashboard import door
from dashboard.health import healthz
from dashboard.help import help_page
from dashboard.live import stream
from dashboard.metrics import metrics
from dashboard.overview import overview
from dashboard.style import style

urlpatterns = [
    path("", overview, name="overview"),
    path("", include("pools.urls")),
    path("", include("workflows.urls")),
    path("notices/", include("dashboard.notices.urls")),
    path("login/", auth.LoginView.as_view(), name="login"),
    path("logout/", auth.LogoutView.as_view(), name="logout"),
    path("live/", stream, name="live"),
    path("find", door.find, name="find"),
    path("settings/", door.settings_page, name="settings"),
    path("ui/", style, name="style"),
    path("admin/", admin.site.urls),
    path("help/<path:page>", help_page, name="help"),
    path("metrics", metrics, name="metrics"),
    path("healthz", healthz, name="healthz"),
]
