import { numberFormat } from "#app/ui/intl.ts";
import { Pager } from "#app/ui/filters.tsx";
import { useReader } from "#app/ui/reader.ts";

/** Which of an invoice's lines are shown, by number, and on which page of how many. */
export interface LinePlace {
  page: number;
  pages: number;
  first: number;
  last: number;
  all: number;
}

/** The way to the other lines, where an invoice has more than a page shows. */
export function LinePages({ place }: { place: LinePlace }) {
  const summary = useLineSummary(place);
  const { page, pages } = place;
  if (pages === 1) return null;
  const at = (number: number) => `?lines=${number}#lines`;
  return (
    <Pager
      summary={summary}
      previous={page > 1 ? at(page - 1) : null}
      next={page < pages ? at(page + 1) : null}
    />
  );
}

/** "Lines 201 to 400 of 5,000". */
export function useLineSummary({ first, last, all }: LinePlace): string {
  const { locale } = useReader();
  const told = (number: number) => numberFormat(locale).format(number);
  return `Lines ${told(first)} to ${told(last)} of ${told(all)}`;
}
