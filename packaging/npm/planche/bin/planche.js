#!/usr/bin/env node
// Starts the program of the package for this platform, with the same arguments.
"use strict";

const { spawnSync } = require("node:child_process");
const { constants } = require("node:os");
const program = require("../program.js");

const { error, status, signal } = spawnSync(program(), process.argv.slice(2), { stdio: "inherit" });
if (error) {
  console.error(`planche: cannot start the program: ${error.message}`);
  process.exitCode = 2;
} else {
  process.exitCode = signal ? 128 + constants.signals[signal] : status;
}
