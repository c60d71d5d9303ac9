"""How gunicorn serves the site: `gunicorn config.wsgi -c config/gunicorn.conf.py`.

The numbers are those of Heroku's router, which holds a request for 30 seconds and an idle
connection for 90, and of its dynos, which are killed 30 seconds after SIGTERM. Other proxies are
more patient.
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
# Loaded once and then forked: a wrong setting ends the start, and the workers share memory.
preload_app = True

# A worker whose heart has stopped is replaced while its clients are still being waited for.
timeout = 25
# What is being answered when SIGTERM comes is answered.
graceful_timeout = 25
# The proxy is the one to close an idle connection: it would send a request into one closed here.
keepalive = 100
# As long as the proxies take it: an address is all there is of a view that was shared.
limit_request_line = 8190

# The application decides which forwarded headers count (PROXY_COUNT). gunicorn believes nobody,
# whatever FORWARDED_ALLOW_IPS says: with SCRIPT_NAME among its headers, a client could choose what
# all links of a page begin with.
forwarded_allow_ips = ""
forwarder_headers = ""
secure_scheme_headers: dict[str, str] = {}

# Memory that leaks somewhere goes with its worker, and not with all workers in the same moment.
# Pages that were rendered go with it, too, so this is not done often.
max_requests = 20_000
max_requests_jitter = 5_000

# The workers' heartbeat is a file; on a slow disk it stops, and healthy workers are killed.
if Path("/dev/shm").is_dir():
    worker_tmp_dir = "/dev/shm"

# Nobody steers it through a socket, whose one place in the home folder two sites would share.
control_socket_disable = True

# The id is the router's, as the application took it over; nothing here tells who asked.
logconfig_dict = LOGGING
accesslog = "-"
access_log_format = '"%(r)s" %(s)s %(B)s %(M)sms request_id=%({x-request-id}o)s'


def pre_request(worker: Worker, request: Request) -> None:
    """Answer 400 to HTTP/1.1 without Host, as RFC 9112, section 3.2, requires."""
    if request.version >= (1, 1) and all(name != "HOST" for name, _ in request.headers):
        raise InvalidHeader("HOST", req=request)


def when_ready(server: Arbiter) -> None:
    """Before the first fork: what is loaded now stays, so the collector of garbage need not walk
    through it, which would copy it into each worker."""
    gc.collect()
    gc.freeze()
