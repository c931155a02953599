"""A batch for a Django project, in its asgi.py: Django's cookies and CSRF token go along, because they are listed.

    python examples/batch_for_django.py

Needs Django 5 (pip install 'django<6') beside Batchwright.
"""

import uvicorn
from django.conf import settings
from django.core.asgi import get_asgi_application
from django.http import HttpRequest, JsonResponse
from django.urls import path

from batchwright.batch import BatchEndpoint

settings.configure(ROOT_URLCONF=__name__, ALLOWED_HOSTS=["*"], SECRET_KEY="for this example only")


async def greet(request: HttpRequest, name: str) -> JsonResponse:
    return JsonResponse({"hello": name, "times": request.GET.get("times", "1")})


urlpatterns = [path("greetings/<name>/", greet)]

batch = BatchEndpoint(get_asgi_application(), allow=["GET /greetings/{name}/"], forward=["cookie", "x-csrftoken"])
app = batch.at("/batch")

if __name__ == "__main__":
    uvicorn.run(app, port=8000)
