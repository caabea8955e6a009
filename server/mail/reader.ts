import i18next from "i18next";
import { decimalsOf } from "#domain/currency.ts";
import { isInCalendar } from "#domain/calendar.ts";
import { localeOf } from "#domain/locale.ts";
import { type Money, toDecimal } from "#domain/money.ts";
import { oneStop } from "#domain/text.ts";
import type { Occurred } from "#domain/time.ts";
import { de } from "./words/de.ts";
import { en, type Word } from "./words/en.ts";

/** The languages that mails are written in. */
export const languages = ["en", "de"] as const;

const catalogs = i18next.createInstance({
  resources: { en: { mail: en }, de: { mail: de } },
  fallbackLng: "en",
  ns: "mail",
  defaultNS: "mail",
  keySeparator: false,
  nsSeparator: false,
  // Values are escaped where the HTML is written, and never looked at for further placeholders.
  interpolation: { escapeValue: false, skipOnVariables: true },
  initAsync: false,
  showSupportNotice: false,
});
void catalogs.init();

/** Words, amounts and times as one person reads them. */
export interface Reader {
  language: string;
  direction: string;
  words(word: Word, values?: Record<string, string>): string;
  /** "EUR 8,000.00" in English, "8.000,00 EUR" in German; decimals by ISO 4217. */
  money(money: Money): string;
  /** A whole number with the language's grouping. */
  count(value: number): string;
  /** "Fri 13 Nov 2026, 16:41 CET"; a bare day stays one. */
  time(occurred: Occurred): string;
  /** "13 November 2026" of a day, or of an instant in the reader's zone. */
  day(occurred: Occurred): string;
}

/** A reader for a stored locale and IANA zone; words are English where their language is missing. */
export function readerFor({ locale, timeZone }: { locale: string; timeZone: string }): Reader {
  const region = localeOf(locale);
  const language = region.startsWith("de") ? "de" : "en";
  const zone = isTimeZone(timeZone) ? timeZone : "UTC";
  const translate = catalogs.getFixedT(language);
  const numbers = new Intl.NumberFormat(region);
  return {
    language,
    direction: translate("direction"),
    words: (word, values = {}) => oneStop(translate(word, values)),
    money: (money) => moneyText(money, region),
    count: (value) => numbers.format(value),
    time: (occurred) => timeText(occurred, region, zone),
    day: (occurred) => dayText(occurred, region, zone),
  };
}

/** Whether this runtime knows the IANA zone. */
export function isTimeZone(zone: string): boolean {
  try {
    return new Intl.DateTimeFormat("en", { timeZone: zone }).resolvedOptions().timeZone !== "";
  } catch (error) {
    if (error instanceof RangeError) return false;
    throw error;
  }
}

const plain = (text: string) => text.replaceAll(/[\u00a0\u202f]/g, " ");

function moneyText(money: Money, locale: string): string {
  const decimals = decimalsOf(money.currency);
  const format = new Intl.NumberFormat(locale, {
    style: "currency",
    currency: money.currency,
    currencyDisplay: "code",
    minimumFractionDigits: decimals,
    maximumFractionDigits: decimals,
  });
  // A decimal text is formatted digit by digit; its type asks for a literal that nobody can prove.
  return plain(format.format(toDecimal(money) as Intl.StringNumericLiteral));
}

function timeText(occurred: Occurred, locale: string, timeZone: string): string {
  const day = { weekday: "short", day: "numeric", month: "short", year: "numeric" } as const;
  if (isDay(occurred)) return format(occurred, locale, { ...day, timeZone: "UTC" });
  const clock = { hour: "2-digit", minute: "2-digit", hourCycle: "h23" } as const;
  const text = format(occurred, locale, { ...day, ...clock, timeZone, timeZoneName: "short" });
  // "GMT+9" alone does not name a zone.
  return /(GMT|UTC)[+-]/.test(text) ? `${text} (${timeZone})` : text;
}

function dayText(occurred: Occurred, locale: string, timeZone: string): string {
  const day = { day: "numeric", month: "long", year: "numeric" } as const;
  return format(occurred, locale, { ...day, timeZone: isDay(occurred) ? "UTC" : timeZone });
}

/** A day that does not exist, which older versions recorded, is written as it was told. */
function format(at: Occurred, locale: string, options: Intl.DateTimeFormatOptions) {
  if (!isInCalendar(at)) return at;
  const latin = { ...options, numberingSystem: "latn" };
  return plain(new Intl.DateTimeFormat(locale, latin).format(new Date(at)));
}

function isDay(occurred: Occurred): boolean {
  return occurred.length === 10;
}
