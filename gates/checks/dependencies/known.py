"""Well-known names: what Python and Node bring themselves, and packages that are imported by another name."""

from __future__ import annotations

import sys

__all__ = ["IMPORTED_AS", "NAMESPACES", "NODE_BUILTINS", "STANDARD_LIBRARY", "TOOLS", "canonical"]


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


_GONE = (
    "asynchat asyncore binhex cgi cgitb chunk crypt distutils formatter imghdr imp lib2to3 macpath mailcap msilib "
    "nis nntplib ossaudiodev parser pipes smtpd sndhdr spwd sunau symbol telnetlib uu xdrlib"
)
STANDARD_LIBRARY = frozenset(sys.stdlib_module_names) | _words(_GONE) | {"__main__", "__future__", "test"}
"""Modules of Python, those included that some supported version no longer has."""

IMPORTED_AS = {
    "attr": ("attrs",),
    "bs4": ("beautifulsoup4",),
    "Crypto": ("pycryptodome", "pycrypto"),
    "Cryptodome": ("pycryptodomex",),
    "cv2": ("opencv-python", "opencv-python-headless", "opencv-contrib-python"),
    "dateutil": ("python-dateutil",),
    "discord": ("discord-py", "py-cord"),
    "django_filters": ("django-filter",),
    "docx": ("python-docx",),
    "dotenv": ("python-dotenv",),
    "fitz": ("pymupdf",),
    "git": ("gitpython",),
    "github": ("pygithub",),
    "gitlab": ("python-gitlab",),
    "grpc": ("grpcio",),
    "jose": ("python-jose",),
    "jwt": ("pyjwt",),
    "ldap": ("python-ldap",),
    "lxml": ("lxml",),
    "magic": ("python-magic",),
    "markdown": ("markdown",),
    "memcache": ("python-memcached",),
    "multipart": ("python-multipart",),
    "mysql": ("mysql-connector-python",),
    "MySQLdb": ("mysqlclient",),
    "nacl": ("pynacl",),
    "OpenSSL": ("pyopenssl",),
    "PIL": ("pillow", "pillow-simd"),
    "pkg_resources": ("setuptools",),
    "pptx": ("python-pptx",),
    "psycopg2": ("psycopg2", "psycopg2-binary"),
    "pythoncom": ("pywin32",),
    "rest_framework": ("djangorestframework",),
    "rest_framework_simplejwt": ("djangorestframework-simplejwt",),
    "serial": ("pyserial",),
    "sklearn": ("scikit-learn",),
    "skimage": ("scikit-image",),
    "slugify": ("python-slugify", "awesome-slugify"),
    "socks": ("pysocks",),
    "telegram": ("python-telegram-bot",),
    "tlz": ("toolz",),
    "usb": ("pyusb",),
    "websocket": ("websocket-client",),
    "win32api": ("pywin32",),
    "win32con": ("pywin32",),
    "wx": ("wxpython",),
    "Xlib": ("python-xlib",),
    "yaml": ("pyyaml", "ruamel-yaml"),
    "zmq": ("pyzmq",),
    "_pytest": ("pytest",),
    "_yaml": ("pyyaml",),
}
"""Module -> distributions that bring it, where the names have little in common and no environment can be asked."""

NAMESPACES = _words(
    """
    google azure zope jaraco backports ruamel sphinxcontrib opentelemetry airflow plone collective twisted
    aws_cdk pulumi kedro odoo flufl keystoneauth1 dagster apache_beam googleapiclient
    """
)
"""Packages that many distributions share; each is named after it: google-cloud-storage."""

TOOLS = _words(
    """
    alembic ansible ansible-lint bandit black build bump2version bumpversion celery codespell commitizen
    coverage cython daphne flake8 gunicorn hatch honcho hypercorn invoke ipdb ipykernel ipython isort jupyter
    jupyterlab meson mypy ninja nodeenv nox pip pip-audit pip-tools pre-commit psycopg-binary psycopg2-binary
    pylint pyright pytest pyupgrade ruff safety setuptools setuptools-scm sphinx supervisor towncrier tox
    twine tzdata uv uvicorn uvloop virtualenv watchdog wheel yapf
    """
)
"""Packages that are run or found by others rather than imported."""

NODE_BUILTINS = _words(
    """
    assert async_hooks buffer child_process cluster console constants crypto dgram diagnostics_channel dns
    domain events fs http http2 https inspector module net os path perf_hooks process punycode querystring
    readline repl stream string_decoder sys timers tls trace_events tty url util v8 vm wasi worker_threads
    zlib
    """
)


def canonical(name: str) -> str:
    """A distribution's name as all tools compare it: `Foo_Bar` and `foo.bar` are `foo-bar`."""
    return name.lower().replace("_", "-").replace(".", "-")
