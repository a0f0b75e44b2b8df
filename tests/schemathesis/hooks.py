"""Puts what is there into requests, so that more than "there is no such thing" is answered.

HOMEROOM_KNOWN is JSON: `path` has an id for each name in a path, `links` the link for each kind of
page, and `body` the ids for each name in a body.
"""

import itertools
import json
import os
from collections import Counter

import schemathesis
from schemathesis.generation.meta import CoverageScenario

KNOWN = json.loads(os.environ["HOMEROOM_KNOWN"])

# Of so many values of a wrong type, and of so many wrong methods, one is sent. Those for one place come one after
# another: whatever place has as many is sent one, and each type and method is sent to some place. A long run sends
# all of them, and both send all else.
ONE_OF = {
    CoverageScenario.INCORRECT_TYPE: 4,
    CoverageScenario.UNSPECIFIED_HTTP_METHOD: 5,
}
MADE = Counter()
CALLS = itertools.count(1)
IS_LONG = os.environ.get("HOMEROOM_LONG") == "1"


@schemathesis.hook
def before_call(context, case, kwargs):
    """Each comes from an address of its own: who types wrong passwords at one waits the longer the more they are."""
    number = next(CALLS)
    case.headers = {**(case.headers or {}), "X-Forwarded-For": f"10.{number >> 16}.{number >> 8 & 255}.{number & 255}"}


@schemathesis.hook
def filter_case(context, case):
    scenario = getattr(case.meta.phase.data, "scenario", None)
    if IS_LONG or scenario not in ONE_OF:
        return True
    MADE[scenario] += 1
    return MADE[scenario] % ONE_OF[scenario] == 1


def link_for(path):
    """The link that an operation is for; a parent's for most."""
    return KNOWN["links"]["teacher" if path.endswith("/teacher") else "parent"]


@schemathesis.hook
def map_path_parameters(context, parameters):
    if parameters is None:
        return None
    path = context.operation.path
    # What is erased or taken away stays unknown: others need it.
    if path.endswith("/erase") or context.operation.method.lower() == "delete":
        return parameters
    known = {**KNOWN["path"], "id": link_for(path)["id"]}
    return {name: known.get(name, value) for name, value in parameters.items()}


@schemathesis.hook
def map_body(context, body):
    if not isinstance(body, dict):
        return body
    body = dict(body)
    if "{id}" in context.operation.path and isinstance(body.get("secret"), str):
        body["secret"] = link_for(context.operation.path)["secret"]
    for name, known in KNOWN["body"].items():
        if type(body.get(name)) is type(known):
            body[name] = known
    return body
