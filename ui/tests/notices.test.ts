// Quiet hours, as the settings page has them.

import { describe, expect, test } from "vitest";

import { formatQuiet, parseQuiet } from "../src/notices";

describe("quiet hours", () => {
  test.each([
    ["22:00-07:00", { from: "22:00", to: "07:00" }],
    ["sat,sun 00:00-24:00", { whole: "sat,sun 00:00-24:00" }],
    ["mon-fri 22:00-07:00; sat,sun 00:00-24:00", { whole: "mon-fri 22:00-07:00; sat,sun 00:00-24:00" }],
    ["22:00-07:00; 12:00-13:00", { whole: "22:00-07:00; 12:00-13:00" }],
  ])("%s is shown, and comes back as it was", (text, quiet) => {
    expect(parseQuiet(text)).toEqual(quiet);
    expect(formatQuiet(quiet)).toBe(text);
  });

  test("none are none", () => {
    expect(parseQuiet("")).toBeNull();
  });
});
