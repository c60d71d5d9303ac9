"""Configuration of gunicorn: `gunicorn config.wsgi -c config/gunicorn.conf.py`.

Its numbers fit Heroku: the router keeps a request for 30 seconds and an idle connection for 90, and
dynos are killed 30 seconds after SIGTERM. Other proxies allow more time.
"""

import gc
import sys
from pathlib import Path

from django.core.exceptions import ImproperlyConfigured
from gunicorn.arbiter import Arbiter
from gunicorn.http.errors import InvalidHeader
from gunicorn.http.message import Request
from gunicorn.workers.base import Worker

from config import env

try:
    from config.settings import LOGGING

    bind = f"0.0.0.0:{env.number('PORT', 8000, least=1, most=65535)}"
    workers = env.workers()
    threads = env.threads()
except ImproperlyConfigured as error:
    sys.exit(f"Configuration: {error}")

worker_class = "config.gthread.Worker"
# The application is loaded once and then forked: a wrong setting stops the start, and the workers
# share memory.
preload_app = True

# A hung worker is replaced before the router gives up its requests.
timeout = 25
# Requests that are in flight when SIGTERM comes are answered.
graceful_timeout = 25
# The proxy must be the one that closes an idle connection: it could send a request into a
# connection that is closed here.
keepalive = 100
# As long as the proxies allow: a shared view is nothing but its URL.
limit_request_line = 8190

# The application decides which forwarded headers count (PROXY_COUNT). gunicorn trusts none,
# whatever FORWARDED_ALLOW_IPS says: with a SCRIPT_NAME header a client could choose the prefix of
# all links of a page.
forwarded_allow_ips = ""
forwarder_headers = ""
secure_scheme_headers: dict[str, str] = {}

# Restarting a worker frees leaked memory; the jitter keeps workers from restarting together. It
# drops the cached pages of the worker, too, so it is rare.
max_requests = 20_000
max_requests_jitter = 5_000

# The heartbeat of workers is a file: on a slow disk it stops, and healthy workers are killed.
if Path("/dev/shm").is_dir():
    worker_tmp_dir = "/dev/shm"

# Two sites of one user would share the path of the control socket, which nothing uses.
control_socket_disable = True

# The request id is the router's, as the application sends it. No field identifies the client.
logconfig_dict = LOGGING
accesslog = "-"
access_log_format = '"%(r)s" %(s)s %(B)s %(M)sms request_id=%({x-request-id}o)s'


def pre_request(worker: Worker, request: Request) -> None:
    """Refuse HTTP/1.1 without Host with 400, as RFC 9112, section 3.2, requires."""
    if request.version >= (1, 1) and all(name != "HOST" for name, _ in request.headers):
        raise InvalidHeader("HOST", req=request)


def when_ready(server: Arbiter) -> None:
    """Exclude all loaded objects from garbage collection before the first fork.

    A collection would write to them, and so copy them into each worker.
    """
    gc.collect()
    gc.freeze()
