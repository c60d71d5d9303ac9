"""How gunicorn serves the site: `gunicorn config.wsgi -c config/gunicorn.conf.py`."""

from pathlib import Path

from config import env

bind = f"0.0.0.0:{env.number('PORT', 8000, least=1, most=65535)}"
workers = env.number("WEB_CONCURRENCY", 2, least=1, most=64)
worker_class = "gthread"
threads = 4
timeout = 25  # below the 30 seconds after which most routers in front give up
accesslog = "-"

# The workers' heartbeat is a file; on a slow disk it stops, and healthy workers are killed.
if Path("/dev/shm").is_dir():
    worker_tmp_dir = "/dev/shm"

# Nobody steers it through a socket, whose one place in the home folder two sites would share.
control_socket_disable = True
