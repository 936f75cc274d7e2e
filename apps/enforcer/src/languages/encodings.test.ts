import { expect, test } from "vitest";
import { asciiStandsAlone } from "./encodings.ts";

test.each([
  "UTF8",
  "utf-8",
  "unicode",
  "SQL_ASCII",
  "LATIN1",
  "latin-9",
  "ISO_8859_5",
  "WIN1252",
  "windows-1251",
  "EUC_JP",
  "KOI8R",
])("takes data in %s apart by its ASCII bytes", (encoding) => expect(asciiStandsAlone(encoding)).toBe(true));

test.each([
  "SJIS",
  "Shift_JIS",
  "SHIFT_JIS_2004",
  "mskanji",
  "BIG5",
  "win950",
  "windows-936",
  "WIN932",
  "WIN949",
  "GBK",
  "UHC",
  "JOHAB",
  "GB18030",
  "",
  "65",
  "unheard-of",
])("does not take data in '%s' apart", (encoding) => expect(asciiStandsAlone(encoding)).toBe(false));
