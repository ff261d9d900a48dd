"""Addresses under /notices/."""

from django.urls import path

from dashboard.notices import views

app_name = "notices"
urlpatterns = [
    path("", views.notices, name="notices"),
    path("routes/add/", views.add_route, name="add-route"),
    path("routes/<int:pk>/", views.change_route, name="change-route"),
    path("routes/<int:pk>/test/", views.test_route, name="test-route"),
    path("silence/", views.silence, name="silence"),
    path("silence/<int:pk>/end/", views.end_silence, name="end-silence"),
    path("acknowledge/", views.acknowledge, name="acknowledge"),
]
