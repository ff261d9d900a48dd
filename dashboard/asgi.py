"""What uvicorn serves."""

import os
import warnings

from django.core.asgi import get_asgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "dashboard.settings")

# WhiteNoise hands out files by a synchronous iterator, which is read whole before it is sent: harmless for our static
# files of a few kilobytes. What we stream ourselves is asynchronous.
warnings.filterwarnings(
    "ignore", "StreamingHttpResponse must consume synchronous", module=r"django\.core\.handlers\.asgi"
)

application = get_asgi_application()
