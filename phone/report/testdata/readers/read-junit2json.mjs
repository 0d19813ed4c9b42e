// Prints what junit2json reads: a line of JSON for each test case.
import { createRequire } from "node:module";
import { readFileSync } from "node:fs";
import { pathToFileURL } from "node:url";

const { resolve } = createRequire(import.meta.url);
const { parse } = await import(pathToFileURL(resolve("junit2json")));
for (const suite of (await parse(readFileSync(process.argv[2], "utf8"))).testsuite) {
  for (const test of suite.testcase) {
    const [verdict, why] =
      test.failure ? ["failed", test.failure[0].message] :
      test.error ? ["errored", test.error[0].message] :
      test.skipped ? ["skipped", ""] : ["passed", ""];
    console.log(JSON.stringify([suite.name, test.name, verdict, why]));
  }
}
