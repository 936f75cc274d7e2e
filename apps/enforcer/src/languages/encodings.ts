/**
 * Encodings in which a byte below 128 is that ASCII character and never a part of another one: those a server can store
 * text in. In what only clients use (SJIS, BIG5, GBK, UHC, JOHAB, GB18030) `\` and `|` can be the second half of a character.
 */
const ASCII_STANDS_ALONE =
  /^(UTF8|UNICODE|SQLASCII|MULEINTERNAL|EUC(JP|CN|KR|TW|JIS2004)|LATIN\d+|ISO8859\d+|WIN(DOWS)?(125\d|866|874)|WIN|ALT|KOI8[RU]?)$/;

/** Whether data in this encoding can be taken apart by its ASCII bytes. An encoding that is not known cannot. */
export function asciiStandsAlone(encoding: string): boolean {
  return ASCII_STANDS_ALONE.test(encoding.toUpperCase().replaceAll(/[^A-Z0-9]/g, ""));
}
