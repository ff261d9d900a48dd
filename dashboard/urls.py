"""Every address of the console; each room keeps its own."""

from django.contrib import admin
from django.contrib.auth import views as auth
from django.urls import include, path

from dashboard.health import healthz

urlpatterns = [
    path("", include("pools.urls")),
    path("", include("workflows.urls")),
    path("login/", auth.LoginView.as_view(), name="login"),
    path("logout/", auth.LogoutView.as_view(), name="logout"),
    path("admin/", admin.site.urls),
    path("healthz", healthz, name="healthz"),
]
