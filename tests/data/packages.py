# -*- coding: utf-8 -*-
"""Pickles of what common packages put into records, with what they print there: makes packages.jsonl.

    python packages.py make      once for each Python; a package that is not installed is passed over, and of the exceptions the first are kept

A line has `package` (with its version), `python`, `kind`, `protocol`, `pickle` (hex), and what the sender printed of it: `str` and `repr`,
without addresses. Kinds:

    aware       a datetime or a time with a zone: the offset must be seen, or the zone's name or class
    exception   its message must be seen
    exact       `str` and `repr` must be these
    secret      `hidden` must not be seen
    shown       each of `shows` must be seen
    exc_info    the `exc_info` of a record, to be printed with each of `shows`
"""

from __future__ import print_function

import binascii
import collections
import datetime
import functools
import importlib
import inspect
import json
import pickle
import pkgutil
import re
import subprocess
import sys
import unittest
import warnings

MOMENT = datetime.datetime(2024, 7, 1, 12, 30)


def main(command="make"):
    warnings.simplefilter("ignore")
    if attempt("django"):
        import django
        from django.conf import settings

        settings.configure(USE_I18N=False, INSTALLED_APPS=["django.contrib.contenttypes", "django.contrib.auth"], SECRET_KEY="x")
        django.setup()
    for function in (zones, classes_of_exceptions, numpy_, django_, pydantic_, sqlalchemy_, others, prints_itself, composes_its_text, keeps_its_text_in_attributes, made_by_a_detour, tracebacks):
        for row in function():
            emit(*row[:3], **(row[3] if len(row) > 3 else {}))


def emit(package, kind, value, is_lost=False, **more):
    for protocol in (1,) if sys.version_info[0] == 2 else (1, 4):
        try:
            pickled = pickle.dumps(value, protocol)
            # What cannot be read again loses its record in Python.
            if not is_lost:
                pickle.loads(pickled)
        except Exception:
            continue
        # Some exceptions do not pickle their message.
        if len(pickled) > 4000 or kind == "exception" and b"a message" not in pickled and "a message" in str(more):
            continue
        row = collections.OrderedDict(package=None)
        row["package"] = "%s %s" % (package, version(package))
        row["python"] = "%d.%d" % sys.version_info[:2]
        row["kind"] = kind
        row["protocol"] = protocol
        row["pickle"] = binascii.hexlify(pickled).decode()
        if kind not in ("exc_info",):
            row["str"], row["repr"] = [re.sub(" at 0x[0-9a-f]+", "", shown(value, show)) for show in (TEXT, repr)]
        row.update(more)
        print(json.dumps(row))


TEXT = type(u"")


def shown(value, show):
    try:
        return show(value)
    except Exception as error:
        return "?" + type(error).__name__


def version(package):
    module = importlib.import_module(package)
    found = getattr(module, "__version__", None) or getattr(module, "version", "")
    return str(found).split(" ")[0]


def attempt(name):
    try:
        return importlib.import_module(name)
    except Exception:
        return None


def zones():
    if attempt("pytz"):
        import pytz

        for zone in [pytz.utc, pytz.FixedOffset(120), pytz.FixedOffset(-330), pytz.timezone("Etc/GMT+5")]:
            yield "pytz", "aware", MOMENT.replace(tzinfo=zone)
            yield "pytz", "aware", MOMENT.timetz().replace(tzinfo=zone)
        for name in ["Europe/Berlin", "America/New_York", "Asia/Kolkata"]:
            yield "pytz", "aware", pytz.timezone(name).localize(MOMENT)
            yield "pytz", "aware", pytz.timezone(name).localize(MOMENT.replace(month=1))
    if attempt("dateutil.tz"):
        from dateutil import tz

        for zone in [tz.tzutc(), tz.tzoffset("X", 3600), tz.tzoffset(None, -12600), tz.gettz("Europe/Berlin"), tz.tzlocal()]:
            yield "dateutil", "aware", MOMENT.replace(tzinfo=zone)
            yield "dateutil", "aware", MOMENT.timetz().replace(tzinfo=zone)
        yield "dateutil", "exact", MOMENT.replace(tzinfo=tz.tzoffset("X", 3600))
    if attempt("psycopg2.tz"):
        import psycopg2.tz

        for offset in [90, -300]:
            delta = datetime.timedelta(minutes=offset)
            zone = psycopg2.tz.FixedOffsetTimezone(offset=delta if psycopg2.__version__ >= "2.9" else offset)
            yield "psycopg2", "aware", MOMENT.replace(tzinfo=zone)
            yield "psycopg2", "aware", MOMENT.timetz().replace(tzinfo=zone)
        yield "psycopg2", "aware", MOMENT.replace(tzinfo=psycopg2.tz.LOCAL)
    if attempt("bson.tz_util"):
        import bson.tz_util

        for zone in [bson.tz_util.utc, bson.tz_util.FixedOffset(60, "X")]:
            yield "bson", "aware", MOMENT.replace(tzinfo=zone)
    if attempt("pydantic_core"):
        import pydantic_core

        for seconds in [0, 7200, -5400]:
            yield "pydantic_core", "aware", MOMENT.replace(tzinfo=pydantic_core.TzInfo(seconds))
    if attempt("django.utils.timezone"):
        from django.utils import timezone

        for zone in [timezone.utc if hasattr(timezone, "utc") else datetime.timezone.utc, timezone.get_fixed_timezone(90)]:
            yield "django", "aware", MOMENT.replace(tzinfo=zone)


EXCEPTION_MODULES = """
requests.exceptions urllib3.exceptions httpx aiohttp aiohttp.client_exceptions botocore.exceptions redis.exceptions jsonschema.exceptions
marshmallow.exceptions click.exceptions jinja2.exceptions cryptography.exceptions cryptography.x509 paramiko.ssh_exception yaml werkzeug.exceptions celery.exceptions
kombu.exceptions pika.exceptions tornado.web tornado.httpclient lxml.etree sentry_sdk.utils stripe grpc pandas.errors twisted.internet.error
msgpack.exceptions google.protobuf.message elasticsearch elasticsearch.exceptions kazoo.exceptions ldap3.core.exceptions websockets.exceptions starlette.exceptions fastapi.exceptions
flask django.core.exceptions django.db.utils django.http.request sqlalchemy.exc sqlalchemy.orm.exc pydantic pydantic_core attr.exceptions pymongo.errors bson.errors psycopg2 psycopg2.errors
dateutil.parser pytz.exceptions numpy.exceptions numpy.linalg tblib babel.core tzlocal
"""


def classes_of_exceptions():
    for name in EXCEPTION_MODULES.split():
        module = attempt(name)
        if not module:
            continue
        count = 0
        for class_name, class_ in sorted(vars(module).items()):
            if not (inspect.isclass(class_) and issubclass(class_, Exception)) or class_.__module__.split(".")[0] != name.split(".")[0]:
                continue
            count += 1
            if count > 12:
                break
            for args in [("a message",), ("a message", 2), (3, "a message")]:
                try:
                    error = class_(*args)
                except Exception:
                    continue
                if error.args and any("a message" in str(arg) for arg in error.args):
                    yield name.split(".")[0], "exception", error, {"shows": ["a message"]}
                    break


def numpy_():
    if not attempt("numpy"):
        return
    import numpy

    for name, values in [
        ("int8", [5, -128]), ("int16", [-300]), ("int32", [2**31 - 1]), ("int64", [-2**63, 7]), ("uint8", [255]), ("uint16", [65535]),
        ("uint32", [2**32 - 1]), ("uint64", [2**64 - 1, 7]), ("bool_", [True, False]), ("float64", [1.5, 1e16, 1e-5, 0.1, float("nan"), float("-inf"), -0.0]),
        # From 2.3 on NumPy writes large numbers of few bits with an exponent.
        ("float32", [1.5, 0.1, 1e16, 1e-5, 3.4e38, float("inf")]),
    ] + ([("str_", [u"text", u"\u20ac", u""]), ("bytes_", [b"bytes", b""])] if sys.version_info[0] > 2 else []):
        for value in values:
            yield "numpy", "exact", getattr(numpy, name)(value)
    yield "numpy", "exact", numpy.array([1.5], dtype=">f8")[0]
    for moment in ["2024-07-01", "0001-01-01", "2024-07-01T12:30", "2024-07-01T12:30:05", "2024-07-01T12:30:05.120", "1969-12-31T23:59:59.000007", "2024-07-01T12:30:05.000000000"]:
        yield "numpy", "exact", numpy.datetime64(moment)
        yield "numpy", "exact", [numpy.datetime64(moment)]
    yield "numpy", "exact", numpy.datetime64("2024-07-01", "W")
    yield "numpy", "exact", numpy.array(["2024-07-01T12:30"], dtype=">M8[s]")[0]


def django_():
    if not attempt("django"):
        return
    from django.contrib.auth.models import User

    yield "django", "exception", User.DoesNotExist("no such user"), {"shows": ["no such user"]}
    yield "django", "exception", User.MultipleObjectsReturned("two of them"), {"shows": ["two of them"]}
    yield "django", "exact", User(username="ada", id=7)
    from django.utils.safestring import mark_safe

    yield "django", "exact", mark_safe("<b>")


def pydantic_():
    if not attempt("pydantic"):
        return
    import pydantic

    yield "pydantic", "exact", pydantic.SecretStr("hunter2"), {"hidden": "hunter2"}
    yield "pydantic", "exact", pydantic.SecretBytes(b"hunter2"), {"hidden": "hunter2"}
    if attempt("pydantic.v1"):
        from pydantic import v1

        yield "pydantic", "exact", v1.SecretStr("hunter2"), {"hidden": "hunter2"}
        yield "pydantic", "exact", pydantic.Secret("hunter2"), {"hidden": "hunter2"}
        yield "pydantic", "exact", PydanticExtra(a=1, more="x")
    yield "pydantic", "exact", pydantic.SecretStr("")
    yield "pydantic", "exact", [pydantic.SecretStr("hunter2")], {"hidden": "hunter2"}
    yield "pydantic", "exact", PydanticModel(a=1, b="x", c=[1.5]), {}
    yield "pydantic", "exact", PydanticModel(a=1, b="x", secret="hunter2"), {"hidden": "hunter2"}


def sqlalchemy_():
    if not attempt("sqlalchemy"):
        return
    from sqlalchemy.engine import url

    for text in [
        "postgresql://ada:hunter2@db:5432/x",
        "mysql+pymysql://ada:hunter2@[::1]/x?a=1&b=2&b=3",
        "mysql://a%2Fb%3A%20c+d%40:hunter2@db/my%20d%25b/e?z=%C3%A9%26&driver=ODBC+Driver+17&a=%2F",
    ]:
        yield "sqlalchemy", "secret", url.make_url(text), {"hidden": "hunter2", "shows": [repr(url.make_url(text))]}


def others():
    if attempt("attr"):
        yield "attr", "exact", AttrsPoint(1, "y")
    yield "json", "exact", OrdinaryPoint(1, "y"), {}
    yield "json", "shown", PointWithKeywords(1, y=2), {"shows": ["x=1", "y=2"]}
    yield "json", "shown", PointWithState(1, 2), {"shows": ["PointWithState(1, [2])"]}


def prints_itself():
    """Zones and what else has a text of its own that is seen often."""
    if attempt("pytz"):
        import pytz

        for zone in [pytz.utc, pytz.FixedOffset(-330), pytz.timezone("Etc/GMT+5"), pytz.timezone("Europe/Berlin")]:
            yield "pytz", "exact", [MOMENT.replace(tzinfo=zone)]
        for name, month in [("Europe/Berlin", 1), ("America/New_York", 7), ("Asia/Kolkata", 7), ("Europe/London", 1)]:
            yield "pytz", "exact", [pytz.timezone(name).localize(MOMENT.replace(month=month))]
    if attempt("dateutil.tz"):
        from dateutil import tz

        for zone in [tz.tzutc(), tz.tzoffset("X", 3600), tz.tzoffset(None, -12600), tz.tzlocal(), tz.tzstr("EST5EDT")]:
            yield "dateutil", "exact", [MOMENT.replace(tzinfo=zone)]
        if version("dateutil") < "3":
            yield "dateutil", "exact", [MOMENT.replace(tzinfo=tz.tzfile("/usr/share/zoneinfo/Etc/GMT+5"))]
    if attempt("psycopg2.tz"):
        import psycopg2.tz

        yield "psycopg2", "exact", [MOMENT.replace(tzinfo=psycopg2.tz.FixedOffsetTimezone(offset=datetime.timedelta(minutes=90), name="X"))]
    if attempt("bson.tz_util"):
        import bson.tz_util

        yield "bson", "exact", [MOMENT.replace(tzinfo=bson.tz_util.FixedOffset(60, "X"))]
        yield "bson", "exact", bson.ObjectId("5f43a1b2c3d4e5f60718293a")
        yield "bson", "exact", [bson.ObjectId("5f43a1b2c3d4e5f60718293a")]
    if attempt("pendulum"):
        import pendulum

        for zone in [pendulum.timezone("UTC"), pendulum.timezone("Europe/Paris"), pendulum.timezone(5400)]:
            yield "pendulum", "aware", MOMENT.replace(tzinfo=zone)
    if attempt("celery.utils.time"):
        import celery.utils.time

        yield "celery", "aware", MOMENT.replace(tzinfo=celery.utils.time.LocalTimezone())
    if attempt("numpy"):
        import numpy

        for value in [0.1, 1.5, 6e-8, 1e-4, 999.5, 2.0 / 3, 0.25, -0.0, float("nan"), float("-inf")]:
            yield "numpy", "exact", numpy.float16(value)
    if attempt("requests"):
        import requests

        response = requests.Response()
        response.status_code = 404
        for value in [response, requests.Request("GET", "http://x/"), requests.Request("GET", "http://x/").prepare()]:
            yield "requests", "exact", value
        yield "requests", "exact", requests.exceptions.JSONDecodeError("Expecting value", "a\nb", 2)
        yield "requests", "shown", requests.cookies.cookiejar_from_dict({"a": "bcd"}), {"shows": ["name='a', value='bcd'"]}
    if attempt("aiohttp"):
        import aiohttp

        yield "aiohttp", "exact", aiohttp.ClientOSError(104, "Connection reset by peer")
    if attempt("yarl"):
        import yarl

        yield "yarl", "shown", yarl.URL("http://h/p?q=1"), {"shows": ["http", "h", "/p", "q=1"]}
    if attempt("django"):
        from django.contrib.auth.models import User
        from django.http import Http404
        from django.utils import translation

        yield "django", "exact", User.DoesNotExist("no such user")
        yield "django", "exact", [User.MultipleObjectsReturned("two of them"), Http404()]
        yield "django", "exact", Http404("no such page")
        yield "django", "exact", translation.gettext_lazy("New")
        yield "django", "exact", [translation.gettext_lazy("New"), translation.pgettext_lazy("month", "May")]


def composes_its_text():
    """What has its text from arguments that are something else."""
    if attempt("urllib3"):
        from urllib3 import exceptions as e

        refused = OSError(111, "Connection refused")
        errors = [e.MaxRetryError(None, "/x", refused), e.MaxRetryError(None, "/x", e.NewConnectionError(None, "failed")), e.ProtocolError("aborted", refused)]
        errors += [e.ReadTimeoutError(None, "/x", "Read timed out."), e.ClosedPoolError(None, "Pool is closed."), e.LocationValueError("No host specified.")]
        if attempt("urllib3").__version__ >= "2":
            errors += [e.NameResolutionError("h", None, OSError("Name or service not known")), e.IncompleteRead(5, 6)]
            for error in errors:
                yield "urllib3", "exact", error
            yield "urllib3", "exact", errors
    if attempt("botocore"):
        from botocore.exceptions import ClientError

        yield "botocore", "exact", ClientError({"Error": {"Code": "NoSuchKey", "Message": "The specified key does not exist."}}, "GetObject")
        yield "botocore", "exact", ClientError({}, "GetObject")
    if attempt("pymongo"):
        from pymongo.errors import BulkWriteError

        yield "pymongo", "exact", BulkWriteError({"writeErrors": [], "nInserted": 1})
    if attempt("sqlalchemy"):
        import sqlalchemy

        for hides in (False, True):
            engine = sqlalchemy.create_engine("sqlite://", hide_parameters=hides)
            try:
                engine.connect().execute(sqlalchemy.text("select * from no_table where a = :a"), {"a": "hunter2"})
            except sqlalchemy.exc.DBAPIError as error:
                shows = str(error).splitlines()[:3]
                # The line below tells the package's version, which the pickle does not.
                yield "sqlalchemy", "shown", error, {"shows": shows + (["hidden"] if hides else [])}
        yield "sqlalchemy", "exact", engine.connect().execute(sqlalchemy.text("select 1 as a, 'x' as b")).fetchone()
    if attempt("django"):
        from django.core.exceptions import ValidationError

        yield "django", "exact", ValidationError("not a number")
    if attempt("pandas"):
        import pandas

        for text in ["2024-01-02 03:04", "1969-12-31 23:59:59.5", "2024-02-29"]:
            yield "pandas", "exact", [pandas.Timestamp(text), pandas.Timestamp(text, tz="UTC")]
            yield "pandas", "exact", pandas.Timestamp(text, tz="UTC")
        yield "pandas", "exact", pandas.Timestamp(2024, 1, 2, tzinfo=datetime.timezone(datetime.timedelta(hours=-5, minutes=-30)))
        for text in ["1 day 2h", "-1s", "0.25s", "0s"]:
            yield "pandas", "exact", pandas.Timedelta(text)
        yield "pandas", "exact", pandas.NaT
    if attempt("pendulum"):
        import pendulum

        yield "pendulum", "exact", pendulum.datetime(2024, 7, 1, 12, 30)
        yield "pendulum", "exact", pendulum.datetime(2024, 7, 1, 12, 30, 5, 6, tz=pendulum.timezone(5400))
        yield "pendulum", "exact", [pendulum.datetime(2024, 7, 1, tz="Europe/Paris"), pendulum.naive(2024, 7, 1, 2)]
    if attempt("freezegun"):
        from freezegun.api import FakeDatetime

        yield "freezegun", "exact", [FakeDatetime(2024, 7, 1, 12, 30), FakeDatetime(2024, 7, 1, tzinfo=datetime.timezone.utc)]
    if attempt("yarl"):
        import yarl

        for text in ["http://u:p@h:8/x?a=1#f", "/x", "http://h", "//h/x?", "mailto:a@b"]:
            yield "yarl", "exact", [yarl.URL(text)]
            yield "yarl", "exact", yarl.URL(text)
    if attempt("httpx"):
        import httpx

        for text in ["http://u@h:8/x?a=1#f", "/x", "https://h"]:
            yield "httpx", "shown", httpx.URL(text), {"shows": [str(httpx.URL(text))]}


def keeps_its_text_in_attributes():
    """Exceptions, headers, URLs and models whose text is not in their arguments, or not as it is."""
    for package, expression in (line.split(" ", 1) for line in IN_ATTRIBUTES.strip().splitlines()):
        try:
            value = evaluated(expression)
        except Exception:
            continue
        yield package, "exact", value
    if attempt("pydantic"):
        for values in [{"a": "x", "b": "y" * 60}, {}, {"a": 1, "b": "x", "c": {"d": None}}, {"a": [b"\xff"] * 30, "b": u"\u20ac" * 40}]:
            try:
                PydanticModel(**values)
            except ValueError as error:
                yield "pydantic", "exception", error, {"shows": str(error).splitlines()}
    for package, expression, shows in IN_ATTRIBUTES_SHOWN:
        try:
            value = evaluated(expression)
        except Exception:
            continue
        yield package, "exception", value, {"shows": shows}


def made_by_a_detour():
    """What is there in a pickle, but not where most have it."""
    if attempt("werkzeug.datastructures"):
        from werkzeug.datastructures import CombinedMultiDict, ImmutableMultiDict, MultiDict

        several = [("a", "one"), ("a", "two"), ("b", "three")]
        yield "werkzeug", "shown", MultiDict(several), {"shows": ["'a': ['one', 'two']", "'b': ['three']"]}
        yield "werkzeug", "exact", ImmutableMultiDict(several)
        yield "werkzeug", "shown", CombinedMultiDict([MultiDict(several), MultiDict([("c", "four")])]), {"shows": ["one", "two", "three", "four"]}
    if attempt("twisted.python.failure"):
        from twisted.python.failure import Failure

        yield "twisted", "shown", Failure(ValueError("a message")), {"shows": ["Failure(", "ValueError('a message')"]}
    yield "json", "shown", MadeByPartial(1, 2), {"shows": ["MadeByPartial(1, y=2)"]}
    yield "json", "shown", ListByPartial([1, 2]), {"shows": ["[1, 2]"]}
    yield "json", "shown", NamedDict("x", {"a": 1}), {"shows": ["NamedDict('x', {'a': 1})"]}
    yield "json", "exception", ErrorWithState("a message"), {"shows": ["a message"]}
    text = "Command 'a message' returned non-zero exit status 3"
    yield "json", "exception", subprocess.CalledProcessError(3, "a message"), {"shows": [text], "is_lost": True}
    yield "json", "shown", unittest.TestCase("run"), {"shows": ["_testMethodName='run'"]}


def evaluated(expression):
    return eval(expression, dict((name.split(".")[0], attempt(name) and sys.modules[name.split(".")[0]]) for name in IMPORTED.split()))


IMPORTED = "aiohttp amqp.exceptions arrow asyncpg bson dns.name ldap3 ldap3.core.exceptions mysql.connector numpy paramiko selenium.common.exceptions starlette.routing tornado.template billiard.exceptions botocore.exceptions celery.exceptions celery.result dateutil.parser cryptography.fernet django.contrib.auth.models django.core.signing django.http django.utils.datastructures django.utils.functional docker.errors fastapi google.api_core.exceptions grpc httpx jinja2.exceptions jwt.exceptions kafka kafka.errors numpy.exceptions packaging.version paramiko.pkey pandas pendulum pydantic.networks pytz simplejson urllib3.exceptions requests.exceptions requests.structures starlette.exceptions stripe tornado.httpclient tornado.web twisted.internet.error urllib3.util werkzeug.exceptions yaml"
IN_ATTRIBUTES = """
arrow arrow.get("2024-07-01T05:06:07+02:00")
arrow arrow.Arrow(2024, 7, 1)
billiard billiard.exceptions.SoftTimeLimitExceeded()
billiard billiard.exceptions.TimeLimitExceeded(30)
botocore botocore.exceptions.NoCredentialsError()
botocore botocore.exceptions.EndpointConnectionError(endpoint_url="http://h/")
botocore botocore.exceptions.ParamValidationError(report="bad")
botocore botocore.exceptions.ClientError({"Error": {"Code": "C", "Message": "m"}, "ResponseMetadata": {"RetryAttempts": 3, "MaxAttemptsReached": True}}, "Get")
botocore botocore.exceptions.ClientError({"Error": {"Code": "C", "Message": "m"}, "ResponseMetadata": {"RetryAttempts": 0}}, "Get")
botocore botocore.exceptions.ProfileNotFound(profile="p")
botocore botocore.exceptions.PartialCredentialsError(provider="env", cred_var="AWS_SECRET_ACCESS_KEY")
botocore botocore.exceptions.ConnectionClosedError(endpoint_url="http://h/")
botocore botocore.exceptions.CredentialRetrievalError(provider="p", error_msg="a message")
botocore botocore.exceptions.SSLError(endpoint_url="http://h/", error=ValueError("a message"))
celery celery.result.AsyncResult("5f43")
cryptography cryptography.fernet.InvalidToken()
dateutil dateutil.parser.ParserError("Unknown string format: %s", "a message")
dateutil dateutil.parser.ParserError("a message")
django django.core.signing.BadSignature("a message")
django django.http.QueryDict("a=1&a=2&b=")
django django.utils.datastructures.MultiValueDict({"a": ["1"]})
django django.utils.datastructures.CaseInsensitiveMapping({"Content-Type": "text/html"})
django django.contrib.auth.models.AnonymousUser()
django django.utils.functional.SimpleLazyObject(lambda: django.contrib.auth.models.User(username="ada", id=7))
fastapi fastapi.HTTPException(403, "a message")
grpc grpc.StatusCode.NOT_FOUND
grpc [grpc.StatusCode.UNAVAILABLE]
httpx httpx.URL("https://h:8/x?a=1#f")
httpx httpx.Request("GET", "http://h/x")
jwt jwt.exceptions.MissingRequiredClaimError("exp")
kafka kafka.TopicPartition("t", 0)
numpy numpy.exceptions.AxisError(2, 1)
numpy numpy.exceptions.AxisError("a message")
packaging packaging.version.InvalidVersion("a message")
requests requests.structures.CaseInsensitiveDict({"Content-Type": "text/html", "X": "1"})
requests requests.exceptions.ConnectionError(104, "a message")
starlette starlette.exceptions.HTTPException(404)
tornado tornado.httpclient.HTTPClientError(599, "a message")
tornado tornado.web.HTTPError(404, "a message", reason="Gone away")
urllib3 urllib3.util.Retry(3)
docker docker.errors.NotFound("404 Client Error", None, "No such container: x")
django django.core.exceptions.ValidationError(["a", "b"])
django django.core.exceptions.ValidationError({"name": ["required"], "age": ["too low", "odd"]})
django django.utils.functional.lazystr("New")
google.api_core google.api_core.exceptions.BadGateway("a message")
google.api_core google.api_core.exceptions.LengthRequired("a message")
pandas pandas.Timestamp("2024-01-02 03:04:05.123456789")
pandas [pandas.Timestamp("2024-01-02 03:04:05.000000007", tz="UTC")]
pandas pandas.Timedelta("-1 days 02:03:04.000000005")
pandas [pandas.Timestamp("2024-01-02 03:04", tz=pytz.FixedOffset(90))]
pendulum pendulum.date(2024, 1, 2)
pendulum [pendulum.date(2024, 1, 2)]
pydantic pydantic.networks.HttpUrl("https://example.com/x?y=1")
simplejson simplejson.JSONDecodeError("Expecting value", "ab", 1)
urllib3 urllib3.exceptions.LocationParseError("http://[")
werkzeug werkzeug.exceptions.UnprocessableEntity("a message")
werkzeug werkzeug.exceptions.RequestEntityTooLarge("a message")
werkzeug [werkzeug.exceptions.NotFound("a message")]
bson [bson.timestamp.Timestamp(5, 1)]
botocore botocore.exceptions.HTTPClientError(error="a message")
botocore botocore.exceptions.ProxyConnectionError(proxy_url="http://h/")
django django.utils.datastructures.MultiValueDictKeyError("k")
mysql.connector mysql.connector.IntegrityError(msg="dup", errno=1062, sqlstate="23000")
mysql.connector mysql.connector.ProgrammingError("a message")
numpy [numpy.timedelta64(5, unit) for unit in "Y M W D h m s ms us ns".split()]
numpy [numpy.datetime64("2024-07-01T12", unit) for unit in "Y M h".split()]
numpy numpy.timedelta64(-5, "ns")
numpy numpy.datetime64("1969-12")
paramiko paramiko.ssh_exception.PartialAuthentication(["a"])
tornado tornado.template.ParseError("a message", "f.html", 3)
twisted twisted.internet.error.ConnectionDone()
twisted twisted.internet.error.ConnectionLost("a message")
twisted twisted.internet.error.DNSLookupError("a message")
twisted twisted.internet.error.TimeoutError()
"""
IN_ATTRIBUTES_SHOWN = [
    ("aiohttp", "aiohttp.ClientConnectorError(aiohttp.client_reqrep.ConnectionKey('h', 80, False, True, None, None, None), OSError(111, 'a message'))", ["Cannot connect to host h:80 ssl:default [a message]"]),
    ("dns", "dns.name.LabelTooLong('a message')", ["a message"]),
    ("ldap3", "ldap3.core.exceptions.LDAPInvalidCredentialsResult(49, 'invalidCredentials', 'dn', 'a message', 'bindResponse')", ["LDAPInvalidCredentialsResult - 49 - invalidCredentials - dn - a message - bindResponse"]),
    ("selenium", "selenium.common.exceptions.NoSuchElementException('a message')", ["Message: a message"]),
    ("starlette", "starlette.routing.NoMatchFound('a message', {})", ["a message"]),
    ("amqp", "amqp.exceptions.NotFound('a message', (1, 2), 404)", ["404: (404) a message"]),
    ("amqp", "amqp.exceptions.AccessRefused('a message')", ["a message"]),
    ("asyncpg", "asyncpg.exceptions.UniqueViolationError('a message')", ["a message"]),
    ("botocore", "botocore.exceptions.ProfileNotFound(profile='a message')", ["a message"]),
    ("celery", "celery.exceptions.Retry('a message')", ["a message"]),
    ("jinja2", "jinja2.exceptions.TemplateSyntaxError('a message', 3, 'n', 'f.html')", ['a message\n  File "f.html", line 3']),
    ("jinja2", "jinja2.exceptions.TemplateSyntaxError('a message', 3)", ["a message\n  line 3"]),
    ("jinja2", "jinja2.exceptions.TemplatesNotFound(['n'], 'a message')", ["a message"]),
    ("jinja2", "jinja2.exceptions.TemplatesNotFound(['n', 'm'])", ["none of the templates given were found: n, m"]),
    ("paramiko", "paramiko.pkey.UnknownKeyType(key_type='a message', key_bytes=b'abc')", ["UnknownKeyType(type='a message', bytes=<3>)"]),
    ("kafka", "kafka.errors.KafkaTimeoutError('a message')", ["KafkaTimeoutError: a message"]),
    ("docker", "docker.errors.APIError('m', None, 'a message')", ["m (\"a message\")"]),
    ("celery", "celery.exceptions.Retry(exc=ValueError('a message'), when=5)", ["Retry in 5s: ValueError('a message')"]),
    ("google.api_core", "google.api_core.exceptions.NotFound('a message')", ["404 a message"]),
    ("google.api_core", "google.api_core.exceptions.ResourceExhausted('a message')", ["429 a message"]),
    ("google.api_core", "google.api_core.exceptions.Aborted('a message')", ["409 a message"]),
    ("google.api_core", "google.api_core.exceptions.Unauthenticated('a message')", ["401 a message"]),
    ("google.api_core", "google.api_core.exceptions.AlreadyExists('a message')", ["409 a message"]),
    ("google.api_core", "google.api_core.exceptions.Cancelled('a message')", ["499 a message"]),
    ("google.api_core", "google.api_core.exceptions.Conflict('a message')", ["409 a message"]),
    ("google.api_core", "google.api_core.exceptions.FailedPrecondition('a message')", ["400 a message"]),
    ("stripe", "stripe.StripeError('a message', headers={'request-id': 'r'})", ["Request r: a message"]),
    ("tornado", "tornado.web.HTTPError(400, reason='a message')", ["a message"]),
    ("werkzeug", "werkzeug.exceptions.NotFound('a message')", ["404 Not Found: a message"]),
    ("werkzeug", "werkzeug.exceptions.TooManyRequests('a message')", ["429 Too Many Requests: a message"]),
    ("werkzeug", "werkzeug.exceptions.ServiceUnavailable('a message')", ["503 Service Unavailable: a message"]),
    ("werkzeug", "werkzeug.exceptions.Conflict('a message')", ["409 Conflict: a message"]),
    ("werkzeug", "werkzeug.exceptions.GatewayTimeout('a message')", ["504 Gateway Timeout: a message"]),
    ("werkzeug", "werkzeug.exceptions.Gone('a message')", ["a message"]),
    ("yaml", "yaml.scanner.ScannerError('while', None, 'a message', yaml.Mark('f', 1, 2, 3, None, None))", ["while\na message\n  in \"f\", line 3, column 4"]),
    ("amqp", "amqp.exceptions.MessageNacked('a message')", ["a message"]),
    ("botocore", "botocore.exceptions.UndefinedModelAttributeError('a message')", ["a message"]),
    ("twisted", "twisted.internet.error.ConnectError('a message')", ["a message"]),
    ("werkzeug", "werkzeug.exceptions.SecurityError('a message')", ["SecurityError: a message"]),
    ("werkzeug", "werkzeug.exceptions.BadRequestKeyError('a message')", ["a message"]),
    ("werkzeug", "werkzeug.exceptions.BadRequestKeyError('k', 'a message')", ["a message"]),
    ("yaml", "[yaml.Mark('a message', 1, 2, 3, None, None)]", ["a message", "line=2"]),
    ("yaml", "yaml.composer.ComposerError(None, None, 'a message', yaml.Mark('f', 1, 2, 3, None, None))", ["a message\n  in \"f\", line 3, column 4"]),
    ("yaml", "yaml.constructor.ConstructorError(None, None, 'a message', yaml.Mark('f', 1, 2, 3, None, None))", ["a message\n  in \"f\", line 3, column 4"]),
]


def tracebacks():
    if not attempt("tblib.pickling_support"):
        return
    from tblib import pickling_support

    pickling_support.install()
    try:
        fails()
    except Exception:
        yield "tblib", "exc_info", sys.exc_info(), {"shows": ["Traceback (most recent call last):", "packages.py\", line ", ", in fails", "ZeroDivisionError: "]}


def fails():
    return 1 / 0


if attempt("pydantic"):
    import pydantic as _pydantic

    # Not as a class statement, whose annotations Python 2 could not read.
    PydanticModel = _pydantic.create_model(
        "PydanticModel", __module__=__name__, a=(int, Ellipsis), b=(str, Ellipsis), c=(list, []), secret=(_pydantic.SecretStr, _pydantic.SecretStr(""))
    )
    if attempt("pydantic.v1"):
        PydanticExtra = _pydantic.create_model("PydanticExtra", __module__=__name__, __config__={"extra": "allow"}, a=(int, Ellipsis))


if attempt("attr"):
    import attr as _attr

    @_attr.s
    class AttrsPoint(object):
        x = _attr.ib()
        y = _attr.ib()


if attempt("dataclasses"):
    import dataclasses as _dataclasses

    OrdinaryPoint = _dataclasses.make_dataclass("OrdinaryPoint", [("x", int), ("y", str)])
    OrdinaryPoint.__module__ = __name__
else:
    OrdinaryPoint = collections.namedtuple("OrdinaryPoint", "x y")


class MadeByPartial(object):
    def __init__(self, x, y=None):
        self.x, self.y = x, y

    def __reduce__(self):
        return functools.partial(MadeByPartial, self.x), (), {"y": self.y}


class ListByPartial(list):
    def __reduce__(self):
        return functools.partial(ListByPartial), (), None, iter(self)


class NamedDict(dict):
    def __init__(self, name, entries=()):
        dict.__init__(self, entries)
        self.name = name

    def __reduce__(self):
        return NamedDict, (self.name,), None, None, iter(self.items())


class ErrorWithState(Exception):
    def __reduce__(self):
        return ErrorWithState, self.args, ("a reason",)

    def __setstate__(self, state):
        (self.reason,) = state


class PointWithKeywords(object):
    def __new__(cls, *args, **keywords):
        self = object.__new__(cls)
        self.x, self.y = args[0], keywords["y"]
        return self

    def __getnewargs_ex__(self):
        return (self.x,), {"y": self.y}


class PointWithState(object):
    def __init__(self, x, y=None):
        self.x, self.y = x, y

    def __reduce__(self):
        return PointWithState, (self.x,), [self.y]

    def __setstate__(self, state):
        (self.y,) = state


if __name__ == "__main__":
    # Under its own name, so that what it pickles has a module.
    import packages

    packages.main(*sys.argv[1:])
