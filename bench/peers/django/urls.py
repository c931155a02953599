"""The routes."""

from django.urls import path
from drf_batch_requests.views import BatchView
from tasks import views

urlpatterns = [
    path("api/1.0/tasks", views.create_task),
    path("api/1.0/tasks/<int:gid>", views.get_task),
    path("api/1.0/batch", BatchView.as_view()),
]
