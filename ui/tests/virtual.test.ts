// The rows of a long list that are on the screen.

import { describe, expect, test } from "vitest";
import { begins, covers, type List, rowAt, span } from "../src/virtual";

const list = (count: number, ...extras: [number, number][]): List => ({
  count, row: 50, extras: extras.map(([place, height]) => ({ place, height })),
});

describe("where a row begins", () => {
  test("below those above it", () => {
    expect([0, 1, 999].map((place) => begins(list(1000), place))).toEqual([0, 50, 49_950]);
  });

  test("and below what they unfold to; not what it unfolds to itself", () => {
    const unfolded = list(10, [2, 300], [5, 100]);
    expect([2, 3, 5, 6, 10].map((place) => begins(unfolded, place))).toEqual([100, 450, 550, 700, 900]);
  });
});

describe("the row at a point", () => {
  test("is the one that begins last above it, for every point", () => {
    const unfolded = list(12, [0, 70], [3, 210], [4, 15], [11, 40]);
    for (let point = 0; point < begins(unfolded, 12); point += 1) {
      const row = rowAt(unfolded, point);
      expect(begins(unfolded, row) <= point && point < begins(unfolded, row + 1), `${point} in ${row}`).toBe(true);
    }
  });

  test("is the first above the list, and the last below it", () => {
    expect(rowAt(list(10), -80)).toBe(0);
    expect(rowAt(list(10, [9, 100]), 5000)).toBe(9);
  });
});

describe("the rows on the screen", () => {
  test("are those between two points, with some to spare", () => {
    expect(span(list(1000), 500, 1000, 0)).toEqual({ first: 10, end: 21 });
    expect(span(list(1000), 500, 1000, 4)).toEqual({ first: 6, end: 25 });
  });

  test("end with the list, and begin with it", () => {
    expect(span(list(1000), -300, 200, 5)).toEqual({ first: 0, end: 10 });
    expect(span(list(1000), 49_900, 50_400, 5)).toEqual({ first: 993, end: 1000 });
    expect(span(list(0), 0, 500, 5)).toEqual({ first: 0, end: 0 });
  });

  test("are one where it fills the screen", () => {
    expect(span(list(100, [3, 2000]), 400, 900, 0)).toEqual({ first: 3, end: 4 });
  });

  test("are as few however many there are", () => {
    const { first, end } = span(list(10_000), 250_000, 250_800, 8);
    expect(end - first).toBeLessThan(40);
  });

  test("are left as they are while they cover what is wanted", () => {
    expect(covers({ first: 6, end: 25 }, { first: 8, end: 25 })).toBe(true);
    expect(covers({ first: 6, end: 25 }, { first: 5, end: 20 })).toBe(false);
    expect(covers({ first: 6, end: 25 }, { first: 7, end: 26 })).toBe(false);
  });
});
