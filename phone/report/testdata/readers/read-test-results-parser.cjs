// Prints what test-results-parser reads: a line of JSON for each test case.
const { parse } = require("test-results-parser");

const verdicts = { PASS: "passed", FAIL: "failed", ERROR: "errored", SKIP: "skipped" };
for (const suite of parse({ type: "junit", files: [process.argv[2]] }).suites) {
  for (const test of suite.cases) {
    console.log(JSON.stringify([suite.name, test.name, verdicts[test.status], test.failure]));
  }
}
