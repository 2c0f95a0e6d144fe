// Working hours as they are shown and as they are saved.

import { fireEvent, render, screen } from "@testing-library/svelte";
import { describe, expect, test } from "vitest";
import { cronParts } from "../src/cron";
import { dayNames, formatHours, hoursInWords, parseHours, USUAL } from "../src/hours";
import NoticeFields from "../src/parts/NoticeFields.svelte";
import RhythmFields from "../src/parts/RhythmFields.svelte";

describe("working hours", () => {
  test.each([
    "mon-fri 07:00-19:00",
    "mon,tue 07:00-19:00",
    "mon,wed-fri,sun 22:00-06:00",
    "00:00-24:00",
    "sat 9-12",
  ])("%s comes back as it was", (text) => {
    const hours = parseHours(text);
    expect(hours && formatHours(hours)).toBe(text);
  });

  test("times without a day are of every day", () => {
    expect(parseHours("07:00-19:00")?.days).toEqual(Array(7).fill(true));
  });

  test.each(["mon-fri 07:00-12:00; sat 09:00-12:00", "sun-tue 07:00-19:00", "mon-wed-fri 07:00-19:00", "someday 07:00-19:00", "mon", ""])(
    "“%s” stays text",
    (text) => expect(parseHours(text)).toBeNull(),
  );

  test("they are told with the language's names of days, however many times they have", () => {
    expect(hoursInWords("mon-fri 07:00-19:00; sat,sun 09:00-12:00", "nl-NL")).toBe("ma-vr 07:00-19:00; za,zo 09:00-12:00");
  });

  test("days have the language's names", () => {
    expect([0, 6].map((at) => dayNames(at, "nl-NL"))).toEqual([
      { short: "ma", long: "maandag" },
      { short: "zo", long: "zondag" },
    ]);
  });
});

describe("a cron expression", () => {
  const values = (text: string, locale = "en-GB") => cronParts(text, locale)?.map(({ value }) => value);

  test.each([
    ["*/15 7-19 * * 1-5", ["*/15", "7-19", "", "", "Mon-Fri"]],
    ["0 8,12 1 * 0,7", ["0", "8,12", "1", "", "Sun,Sun"]],
    ["0 0 * 6 mon#2", ["0", "0", "", "6", "Mon#2"]],
    ["5 4 * * 1-5/2", ["5", "4", "", "", "Mon-Fri/2"]],
  ])("%s has five parts, the days by their names", (text, parts) => expect(values(text)).toEqual(parts));

  test("speaks Dutch, and stays whole where it has another form", () => {
    expect(values("0 9 * * MON-FRI", "nl-NL")?.at(-1)).toBe("ma-vr");
    expect(values("@daily")).toBeUndefined();
    expect(values("")).toBeUndefined();
  });
});

describe("the fields of the rhythm", () => {
  const always = { every: "15m", hours: "", outside: "", cron: "", time_zone: "system", jitter: "auto" };
  function show(given: Partial<typeof always> = {}, fault?: string) {
    const touched: string[] = [];
    const fields = $state({ ...always, ...given });
    render(RhythmFields, {
      fields,
      faultOf: (key: string) => (key === "hours" ? fault : undefined),
      onchange: (key: string) => void touched.push(key),
    });
    return { fields, touched };
  }
  const limit = () => screen.getByRole("checkbox", { name: "Less often outside working hours" });

  test("nothing of working hours shows until they are wanted; then they are the usual ones", async () => {
    const { fields, touched } = show();
    expect(screen.queryByLabelText("from")).toBeNull();
    await fireEvent.click(limit());
    expect(fields).toEqual({ ...always, hours: formatHours(USUAL), outside: "never" });
    await fireEvent.click(limit());
    expect(fields.hours).toBe("");
    expect(touched).toEqual(["hours", "hours"]);
  });

  test("days and times go out in the settings file's words, also while they are being typed", async () => {
    const { fields } = show({ hours: "mon-fri 07:00-19:00", outside: "never" });
    await fireEvent.click(screen.getByRole("checkbox", { name: "Wednesday" }));
    await fireEvent.input(screen.getByLabelText("to"), { target: { value: "18:3" } });
    expect(fields.hours).toBe("mon,tue,thu,fri 07:00-18:3");
    expect(screen.getByLabelText("from")).toBeTruthy();
  });

  test("the last day cannot be taken away, which would mean every day", () => {
    show({ hours: "sat 07:00-19:00" });
    expect((screen.getByRole("checkbox", { name: "Saturday" }) as HTMLInputElement).disabled).toBe(true);
    expect((screen.getByRole("checkbox", { name: "Sunday" }) as HTMLInputElement).disabled).toBe(false);
  });

  test("hours of several times are text, and outlive being turned off and on", async () => {
    const hours = "mon-fri 07:00-19:00; sat 09:00-12:00";
    const { fields } = show({ hours });
    expect((screen.getByRole("textbox", { name: "Working hours" }) as HTMLInputElement).value).toBe(hours);
    await fireEvent.click(limit());
    expect(fields.hours).toBe("");
    await fireEvent.click(limit());
    expect(fields.hours).toBe(hours);
  });

  test("anyone can write them as text", async () => {
    show({ hours: "mon-fri 07:00-19:00" });
    await fireEvent.click(screen.getByRole("button", { name: "Enter as text" }));
    expect((screen.getByRole("textbox", { name: "Working hours" }) as HTMLInputElement).value).toBe("mon-fri 07:00-19:00");
  });

  test("outside them it is never, or another time", async () => {
    const { fields } = show({ hours: "mon-fri 07:00-19:00", outside: "never" });
    const time = screen.getByLabelText("Time between pokes outside working hours") as HTMLInputElement;
    expect(time.disabled).toBe(true);
    await fireEvent.click(screen.getByRole("radio", { name: "every" }));
    expect(fields.outside).toBe("2h");
    await fireEvent.input(time, { target: { value: "4h" } });
    expect(fields.outside).toBe("4h");
    await fireEvent.click(screen.getByRole("radio", { name: "not at all" }));
    expect(fields.outside).toBe("never");
  });

  test("what is wrong stands beside them", () => {
    show({ hours: "mon-fri 7:6-19:00" }, "This is no time.");
    expect(screen.getByText("This is no time.")).toBeTruthy();
    expect(document.querySelectorAll('[aria-invalid="true"]').length).toBeGreaterThan(0);
  });
});

test("who wants no notifications is not asked after how many failures", () => {
  const fields = { notify: "never", notify_after: "1", silence_alarm: "2d" };
  render(NoticeFields, { fields, faultOf: () => undefined, onchange: () => {} });
  expect(screen.queryByLabelText("Failures before a notice")).toBeNull();
  expect((screen.getByLabelText("Alarm after silence") as HTMLInputElement).value).toBe("2d");
});
