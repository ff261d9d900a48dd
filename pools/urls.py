"""The pages of pools."""

from django.urls import URLPattern, URLResolver

app_name = "pools"

urlpatterns: list[URLPattern | URLResolver] = []
