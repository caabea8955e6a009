import { useId } from "react";
import { Hatching } from "./hatching.tsx";
import { moneyParts } from "#app/ui/money.tsx";
import { useReader } from "#app/ui/reader.ts";
import { stretch } from "./stretch.ts";

const order = [
  "paid",
  "credited",
  "otherwise",
  "void",
  "written_off",
  "disputed",
  "payable",
] as const;
type Kind = (typeof order)[number];

const words: Record<Kind, string> = {
  paid: "Paid",
  credited: "Credited",
  otherwise: "Settled otherwise",
  void: "Voided",
  written_off: "Written off",
  disputed: "Disputed",
  payable: "Payable now",
};
const tones: Record<Kind, string> = {
  paid: "text-money",
  credited: "text-closed",
  otherwise: "text-closed",
  void: "text-closed",
  written_off: "text-closed",
  disputed: "text-question",
  payable: "text-ink",
};

/** How densely a part is hatched; what is not named stays empty. */
const fillOf: Partial<Record<Kind, number>> = { credited: 1, otherwise: 1, disputed: 2 };

/** What has become of an invoice's total, in minor units; what is zero is left out. */
export function MoneyBar({ currency, ...amounts }: Record<Kind, number> & { currency: string }) {
  const id = useId();
  const { locale } = useReader();
  const kinds = order.filter((kind) => amounts[kind] > 0);
  if (kinds.length === 0) return null;
  const places = stretch(kinds.map((kind) => amounts[kind]));
  const legend = kinds.map((kind) => {
    const { whole, fraction } = moneyParts({ amount: amounts[kind], currency }, locale);
    return { kind, text: `${words[kind]} ${whole}${fraction}` };
  });
  return (
    <>
      <svg
        className="bar"
        height="12"
        role="img"
        aria-label={`In ${currency}: ${legend.map(({ text }) => text).join(", ")}`}
      >
        <Hatching id={id} />
        {kinds.map((kind, index) => {
          const { x = "0", width = "0" } = places[index] ?? {};
          return <Segment key={kind} {...{ kind, x, width, id }} height="12" />;
        })}
      </svg>
      <p className="bar__key">
        {legend.map(({ kind, text }) => (
          <span key={kind} className={kind === "disputed" ? "question" : undefined}>
            <svg viewBox="0 0 12 12" aria-hidden="true">
              <Segment kind={kind} x="0" width="12" height="12" id={id} />
            </svg>
            {text}
          </span>
        ))}
      </p>
    </>
  );
}

function Segment({
  kind,
  x,
  width,
  height,
  id,
}: {
  kind: Kind;
  x: string;
  width: string;
  height: string;
  id: string;
}) {
  if (kind === "paid") {
    return <rect className={tones.paid} x={x} width={width} height={height} fill="currentColor" />;
  }
  const density = fillOf[kind];
  const fill = density === undefined ? "none" : `url(#${id}${density})`;
  return (
    <g className={tones[kind]}>
      <rect
        {...{ x, width, height }}
        y="0"
        fill={fill}
        stroke="currentColor"
        strokeDasharray={kind === "void" || kind === "written_off" ? "3 2" : undefined}
      />
    </g>
  );
}
