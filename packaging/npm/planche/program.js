// Finds the program in the optional dependency for this platform.
"use strict";

module.exports = function program() {
  if (process.env.PLANCHE) return process.env.PLANCHE;
  const platform = `planche-${process.platform}-${process.arch}`;
  try {
    return require.resolve(`${platform}/bin/planche`);
  } catch {
    throw new Error(
      `planche: the package \`${platform}\` is not installed. If your platform is supported, install without --omit=optional; otherwise set PLANCHE to the path of the program.`,
    );
  }
};
