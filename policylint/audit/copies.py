"""Local copies of what is no local file: standard input, and remote files by way of fsspec."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from hashlib import blake2b
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any, Final
from urllib.parse import urlsplit

from policylint.errors import SourceError

if TYPE_CHECKING:
    from fsspec import AbstractFileSystem

_URL: Final = re.compile(r"[A-Za-z][A-Za-z0-9+.-]+://")
_CHUNK: Final = 1 << 20
_EXTRA: Final = "pip install 'policylint[remote]'"
# What drivers call that which changes when a file does; the names differ from one kind of storage to the other.
_VERSIONS: Final = ("etag", "md5", "md5hash", "content_md5", "checksum", "contenthash", "version", "versionid")
_TIMES: Final = ("mtime", "lastmodified", "last_modified", "updated", "modified", "modifiedtime", "created")


@dataclass(frozen=True, slots=True)
class Copy:
    """A local copy: its file, the name that reports use, and what differs when the content does (hex)."""

    path: str
    name: str
    identity: str


def is_url(path: str) -> bool:
    """Whether `path` names something remote."""
    return _URL.match(path) is not None


def standard_input(spool: Path) -> Copy:
    """Standard input, copied to a file in `spool`. Raises SourceError when there is none, or no room for it."""
    if sys.stdin is None:
        raise SourceError("-: standard input is closed")
    try:
        return _kept(sys.stdin.buffer, spool, "<stdin>", None)
    except OSError as error:
        raise SourceError(f"-: {(error.strerror or 'can not be read').lower()}") from None


def remote(url: str, spool: Path, failures: list[str]) -> Iterator[Copy]:
    """The files that `url` (perhaps with wildcards) names, copied to `spool`.

    One that did not change since the last time is not copied again. One that can't be read is named in `failures`.
    Raises SourceError when nothing can be: without fsspec or the driver that it needs, or when nothing matches.
    """
    shown = _shown(url)
    try:
        from fsspec.core import url_to_fs
    except ImportError:
        raise SourceError(f"{shown}: remote paths need fsspec; {_EXTRA}") from None
    scheme = url.partition("://")[0]
    try:
        system, path = url_to_fs(url)
    except (ImportError, ValueError):
        # The driver is a package of its own: s3fs for s3://, gcsfs for gs://, adlfs for abfs://, aiohttp for https://.
        raise SourceError(f"{shown}: {_driver(scheme)}") from None
    try:
        names = _matching(system, path, scheme)
    except Exception as error:
        raise SourceError(f"{shown}: {_reason(error)}") from None
    if not names:
        raise SourceError(f"{shown}: no file matches")
    for name in names:
        if name != path:
            shown = _shown(system.unstrip_protocol(name))
        try:
            yield _copied(system, name, shown, spool)
        except Exception as error:
            failures.append(f"{shown}: {_reason(error)}")


def _driver(scheme: str) -> str:
    from fsspec.registry import known_implementations

    known = known_implementations.get(scheme)
    if known is None:
        return f"fsspec knows no {scheme}://"
    package = str(known["class"]).partition(".")[0]
    needed = f" {package}" if package != "fsspec" else ""
    told = known.get("err")
    return f"no driver for {scheme}://; {_EXTRA}{needed}" + (f" ({told})" if told else "")


def _matching(system: AbstractFileSystem, path: str, scheme: str) -> list[str]:
    wild = "*" if scheme in ("http", "https") else "*?["  # a question mark begins the query there
    if any(character in path for character in wild):
        return sorted(name for name in system.glob(path) if not system.isdir(name))
    if scheme not in ("http", "https") and system.isdir(path):
        raise IsADirectoryError
    return [path]


def _copied(system: AbstractFileSystem, name: str, shown: str, spool: Path) -> Copy:
    info = {str(key).lower(): value for key, value in system.info(name).items()}
    version = _version(info)
    if version is not None:
        version = blake2b(f"{shown} {version}".encode(), digest_size=16).hexdigest()
        path = spool / version
        if path.is_file():
            return Copy(str(path), shown, version)
    with system.open(name, "rb") as source:
        return _kept(source, spool, shown, version)


def _version(info: Mapping[str, Any]) -> str | None:
    """What the storage says of a file that changes when its content does; None where it says nothing of the kind."""
    told = [f"{key}={info[key]}" for key in (*_VERSIONS, *_TIMES) if info.get(key)]
    return " ".join([f"size={info.get('size')}", *told]) if told else None


def _kept(source: IO[bytes], spool: Path, shown: str, identity: str | None) -> Copy:
    """A copy under its identity, by default that of its whole content; it appears when it is complete."""
    spool.mkdir(parents=True, exist_ok=True)
    digest = blake2b(shown.encode(errors="replace"), digest_size=16)
    part = spool / f"{digest.hexdigest()}.part"
    try:
        with part.open("wb") as out:
            while chunk := source.read(_CHUNK):
                out.write(chunk)
                digest.update(chunk)
        identity = identity or digest.hexdigest()
        part.replace(spool / identity)
    except BaseException:
        part.unlink(missing_ok=True)
        raise
    return Copy(str(spool / identity), shown, identity)


def _shown(url: str) -> str:
    """A URL as reports name it: without what may be a secret in it."""
    parts = urlsplit(url)
    shown = f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}{parts.path}"
    if parts.query and parts.scheme not in ("http", "https"):
        shown += f"?{parts.query}"
    return shown


def _reason(error: Exception) -> str:
    """Why something remote can't be read. A driver's own words may hold a secret of the URL."""
    if isinstance(error, FileNotFoundError):
        return "no such file or directory"
    if isinstance(error, IsADirectoryError):
        return "a folder; name its files, such as with **/*.ndjson"
    if isinstance(error, ImportError):
        return f"a package is missing ({error.name}); {_EXTRA}"
    return f"can not be read ({type(error).__name__})"
