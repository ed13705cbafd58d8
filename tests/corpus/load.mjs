// Reads YAML texts with the loaders of npm: node load.mjs PACKAGE FOLDER < TEXTS
//
// PACKAGE is `js-yaml` or `yaml`, FOLDER has it in its node_modules. TEXTS is a JSON list of texts; what comes out is a list
// of {"value": ...} or {"error": "..."}, in which what JSON cannot say is an object with one key that begins with `$`.

import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join, resolve } from "node:path";
import { pathToFileURL } from "node:url";

const [name, folder] = process.argv.slice(2);
const file = createRequire(join(resolve(folder), "-")).resolve(name);
const module = await import(pathToFileURL(file));
const library = module.default ?? module;
const load = name === "yaml" ? (text) => library.parse(text, { logLevel: "error" }) : library.load;

const plain = (value) => {
  if (value instanceof Date) return { $date: value.toISOString() };
  if (typeof value === "number" && !Number.isFinite(value)) return { $number: String(value) };
  if (value === undefined) return null;
  if (Array.isArray(value)) return value.map(plain);
  if (value !== null && typeof value === "object") {
    return Object.fromEntries(Object.entries(value).map(([key, each]) => [key, plain(each)]));
  }
  return value;
};

const results = JSON.parse(readFileSync(0, "utf8")).map((text) => {
  try {
    return { value: plain(load(text)) };
  } catch (error) {
    return { error: String(error.message).split("\n")[0] };
  }
});
process.stdout.write(JSON.stringify(results));
