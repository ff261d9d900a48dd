"""The pages of pools."""

from django.urls import URLPattern, URLResolver, path

from pools.pages import policy, tie, views

app_name = "pools"

urlpatterns: list[URLPattern | URLResolver] = [
    path("pools/add/", views.add_pool, name="add-pool"),
    path("pools/<slug:name>/", views.pool, name="pool"),
    path("pools/<slug:name>/policy/", policy.policy, name="policy"),
    path("pools/<slug:name>/cluster/", tie.cluster, name="cluster"),
    path("pools/<slug:name>/look/", views.look_now, name="look-now"),
    path("cloudstacks/add/", views.add_cloudstack, name="add-cloudstack"),
    path("timeline/", views.timeline, name="timeline"),
]
