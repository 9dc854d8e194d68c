"""Every path of the contract that this stack answers."""

from django.urls import path

from bench import views
from bench.views import cpu, fortunes, health, hello, items, predict, sse, users, validate, worlds

urlpatterns = [
    path("health", health.health),
    path("ready", health.ready),
    path("plaintext", hello.plaintext),
    path("json", hello.greet),
    path("items/<str:count>", items.list_items),
    path("validate", validate.validate),
    path("predict", predict.predict),
    path("cpu", cpu.compute),
    # Text: a converter would make an unknown path of a bad id.
    path("users/<str:id>", users.show_user),
    path("db", worlds.show_world),
    path("queries", worlds.list_worlds),
    path("updates", worlds.update_worlds),
    path("fortunes", fortunes.show_fortunes),
    path("sse", sse.sse),
]

handler400 = views.bad_request
handler404 = views.not_found
handler500 = views.internal_error
