#!/bin/sh
# Find a Python that is new enough, and run dev.py with it. The argument is the task: "run" or "install".
# It is a shell script, because an old or missing Python must lead to a clear message, not to a SyntaxError.
task=$1
if [ -n "${PYTHON:-}" ]; then
    set -- "$PYTHON"
else
    set -- python3 python3.14 python3.13 python3.12 python3.11 python
fi

found=
for python in "$@"; do
    version=$("$python" -c 'import sys; print("%d.%d.%d" % sys.version_info[:3]); sys.exit(sys.version_info < (3, 11))' \
        2>/dev/null) && exec "$python" "$(dirname "$0")/dev.py" "$task"
    found="$found${version:+${found:+, }$python is $version}"
done

echo "Release Roadmap needs Python 3.11 or newer (found: ${found:-none}); install it, or set PYTHON=/path/to/python3." >&2
exit 1
