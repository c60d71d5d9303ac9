#!/bin/sh
# Finds a Python that is new enough and hands the task ("run" or "install") over to dev.py beside this file.
# In shell, because an old Python, or none at all, shall be answered by a sentence and not by a SyntaxError.
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

echo "Release Roadmap needs Python 3.11 or newer (found: ${found:-none}); install one, or name one with PYTHON=/path/to/python3." >&2
exit 1
