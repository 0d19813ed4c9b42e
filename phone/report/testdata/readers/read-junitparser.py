"""Prints what junitparser reads: a line of JSON for each test case."""

import json
import sys

from junitparser import Error, Failure, JUnitXml, Skipped

VERDICTS = {Failure: "failed", Error: "errored", Skipped: "skipped"}

for suite in JUnitXml.fromfile(sys.argv[1]):
    for test in suite:
        verdict, why = "passed", ""
        for result in test.result:
            verdict = VERDICTS[type(result)]
            why = "" if verdict == "skipped" else result.message
        print(json.dumps([suite.name, test.name, verdict, why]))
